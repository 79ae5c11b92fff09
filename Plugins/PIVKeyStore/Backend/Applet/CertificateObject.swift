import CZlib
import KeyStoreCore
import LibCrypto

/// The contents of a certificate's data object: 70 the certificate, 71 whether it is compressed, FE nothing (SP 800-73-4 part 1,
/// table 10).
enum CertificateObject {
    /// The certificate in DER, unpacked. Throws `invalidReply` where it is malformed.
    static func decode(_ contents: [UInt8]) throws(KeyStoreError) -> [UInt8] {
        let fields = try TLVReader.fields(contents)
        guard let certificate = fields[0x70], !certificate.isEmpty else {
            throw TLVReader.malformed("a certificate object without a certificate")
        }
        switch fields[0x71] {
        case nil, []?, [0]?: return certificate
        case [1]?: return try unpacked(certificate)
        default: throw TLVReader.malformed("a certificate that is compressed in an unknown way")
        }
    }

    /// The contents of an object for a certificate in DER, which is not compressed.
    static func encode(_ certificate: [UInt8]) -> [UInt8] {
        TLV.encode(0x70, certificate) + TLV.encode(0x71, [0]) + TLV.encode(0xFE, [])
    }

    private static func unpacked(_ bytes: [UInt8]) throws(KeyStoreError) -> [UInt8] {
        let unpacked = [UInt8](unsafeUninitializedCapacity: Certificate.maximumLength) { buffer, count in
            // Writes within the buffer, and says -1 where that is not enough.
            let length = bytes.withUnsafeBufferPointer {
                keystore_inflate($0.baseAddress, UInt32($0.count), buffer.baseAddress, UInt32(buffer.count))
            }
            count = max(0, Int(length))
        }
        guard !unpacked.isEmpty else { throw TLVReader.malformed("a compressed certificate that cannot be unpacked") }
        return unpacked
    }
}

extension Applet {
    /// The certificate in a slot, DER; nil where there is none.
    func certificate(in slot: Slot) throws(KeyStoreError) -> [UInt8]? {
        try read(slot.certificateObject).map { contents throws(KeyStoreError) in try CertificateObject.decode(contents)
        }
    }
}
