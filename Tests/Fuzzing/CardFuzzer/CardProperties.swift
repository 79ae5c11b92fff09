import KeyStoreCore
import LibCrypto

@testable import PIVKeyStore

/// What is true of everything that a card answers, whatever stands in it. Ends the process where something is not.
enum CardProperties {
    static func hold(for bytes: [UInt8]) {
        fields(bytes)
        metadata(bytes)
        publicKey(bytes)
        certificateObject(bytes)
        signature(bytes)
        padding(bytes)
        reference(bytes)
    }

    /// Fields are read as what they are written as, and hold no more than there is.
    private static func fields(_ bytes: [UInt8]) {
        var reader = TLVReader(bytes)
        var count = 0
        do throws(KeyStoreError) {
            while let field = try reader.next() {
                count += field.value.count
                demand(count <= bytes.count, "more was read than there is")
                let written = TLV.encode(field.tag, field.value)
                let again = try? TLVReader.only(field.tag, in: written)
                demand(again == Array(field.value), "a field is written as another one")
            }
        } catch {
            demand(error.code == .invalidReply, "reading fields fails with \(error)")
        }
        refusing("reading the only field", [.invalidReply]) { () throws(KeyStoreError) in
            _ = try TLVReader.only(0x53, in: bytes)
        }
        refusing("reading a result", [.invalidReply]) { () throws(KeyStoreError) in _ = try Applet.result(bytes) }
    }

    private static func metadata(_ bytes: [UInt8]) {
        refusing("reading metadata", [.invalidReply, .unsupportedMechanism]) { () throws(KeyStoreError) in
            let metadata = try Metadata(decoding: bytes)
            for slot in [Slot.authentication, .signature] {
                let record = try SlotRecord(slot, metadata)
                let identity = Identity(serial: 1, firmware: Firmware(5, 7, 1), reader: "")
                let info = try record.info(on: identity)
                demand(info.publicKey == nil || info.publicKey?.type == info.type, "a key has two types")
                demand(info.publicKey != nil || info.algorithms.isEmpty, "a key without a public key signs")
            }
        }
    }

    private static func publicKey(_ bytes: [UInt8]) {
        for algorithm in Algorithm.allCases {
            refusing("reading a public key", [.invalidReply, .unsupportedMechanism]) { () throws(KeyStoreError) in
                let key = try CardPublicKey.decode(bytes, algorithm)
                demand(key.type == algorithm.type, "a public key is of another type")
            }
        }
        refusing("reading a new public key", [.invalidReply, .unsupportedMechanism]) { () throws(KeyStoreError) in
            _ = try CardPublicKey.decode(generated: bytes, .p256)
        }
    }

    private static func certificateObject(_ bytes: [UInt8]) {
        refusing("reading a certificate object", [.invalidReply]) { () throws(KeyStoreError) in
            let certificate = try CertificateObject.decode(bytes)
            demand(certificate.count <= Certificate.maximumLength, "a certificate is longer than one can be")
        }
        // As compressed data too, which the fuzzer would seldom wrap rightly by itself.
        guard bytes.count < 60_000 else { return }
        refusing("unpacking a certificate", [.invalidReply]) { () throws(KeyStoreError) in
            _ = try CertificateObject.decode(TLV.encode(0x70, bytes) + TLV.encode(0x71, [1]))
        }
    }

    private static func signature(_ bytes: [UInt8]) {
        for algorithm in Algorithm.allCases where SignatureShape.fits(bytes, algorithm) {
            demand(bytes.count <= 512, "a signature is longer than any key makes")
        }
    }

    private static func padding(_ bytes: [UInt8]) {
        guard bytes.count <= 512 else { return }
        for algorithm in EncryptionAlgorithm.all {
            refusing("taking off padding", []) { () throws(KeyStoreError) in
                let message = try Unpadding.message(in: bytes, algorithm)
                demand((message?.count ?? 0) <= bytes.count, "a message is longer than its block")
            }
        }
    }

    /// A reference that is read has a normal form that means the same.
    private static func reference(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        for scheme in ["piv", "pkcs11"] {
            refusing("reading a reference", [.invalidURI, .invalidData]) { () throws(KeyStoreError) in
                let read = try PIVURI(try KeyStoreURI("\(scheme):\(text)"))
                let normal = try read.normalForm()
                let again = try PIVURI(normal)
                demand(try again.normalForm() == normal, "a normal form has another normal form")
                demand(again.serial == read.serial, "a normal form names another token")
                if let slot = read.slot { demand(again.slot == slot, "a normal form names another slot") }
            }
        }
    }

    private static func refusing(
        _ what: String, _ codes: Set<KeyStoreError.Code>, _ body: () throws(KeyStoreError) -> Void
    ) {
        do throws(KeyStoreError) { try body() } catch {
            demand(codes.contains(error.code), "\(what) fails with \(error)")
        }
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
