import KeyStoreCore
import LibCrypto

@testable import PKCS11KeyStore

/// What is true of every value that a token stores as DER, whatever stands in it. Ends the process where something is not.
enum EncodingProperties {
    static func hold(for bytes: [UInt8]) {
        publicKey(bytes)
        certificate(bytes)
        point(bytes)
        signature(bytes)
    }

    private static func publicKey(_ bytes: [UInt8]) {
        do throws(KeyStoreError) {
            let key = try PublicKey(der: bytes)
            demand(key.der == bytes, "a public key is not what it was read from")
            if case .rsa(let bits) = key.type { demand((1...65536).contains(bits), "an RSA key has \(bits) bits") }
            for algorithm in key.type.algorithms {
                let isValid = bytes.withUnsafeBytes { key.isValidSignature(bytes, ofInput: $0, using: algorithm) }
                demand(isValid != true, "a public key passes for its own signature")
            }
        } catch {
            demand(
                [.invalidReply, .unsupportedMechanism].contains(error.code), "reading a public key fails with \(error)")
        }
    }

    private static func certificate(_ bytes: [UInt8]) {
        do throws(KeyStoreError) {
            let certificate = try Certificate(der: bytes)
            demand(certificate.der == bytes, "a certificate is not what it was read from")
            for part in [certificate.subjectDER, certificate.issuerDER, certificate.serialNumberDER] {
                demand(part.count >= 2 && part.count <= 2 * bytes.count, "a part of a certificate is no DER")
            }
            _ = try? certificate.publicKey
            let text = try Certificate.pem([certificate])
            let again = try text.withRawBytes { bytes throws(KeyStoreError) in
                try Certificate.certificates(pem: bytes)
            }
            demand(again == [certificate], "a certificate comes back as another one from PEM")
        } catch {
            demand(error.code == .invalidData, "reading a certificate fails with \(error)")
        }
        do throws(KeyStoreError) {
            _ = try bytes.withRawBytes { bytes throws(KeyStoreError) in try Certificate.certificates(pem: bytes) }
        } catch {
            demand(error.code == .invalidData, "reading PEM fails with \(error)")
        }
    }

    private static func point(_ bytes: [UInt8]) {
        for curve in Curve.allCases {
            guard let point = curve.point(bytes) else { continue }
            demand(point.count == curve.pointLength, "a point has another length than its curve's points")
            demand(curve.point(point) == point, "a raw point is read as another one")
        }
        if let curve = Curve(parameters: bytes) { demand(curve.spellings.contains(bytes), "a curve is another one") }
    }

    /// A signature of a token's becomes DER whose numbers are the token's.
    private static func signature(_ bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: 2), (2...132).contains(bytes.count) else { return }
        let half = bytes.count / 2
        let numbers = DERWriter.unsignedInteger(bytes.prefix(half)) + DERWriter.unsignedInteger(bytes.suffix(half))
        demand(
            bytes.withUnsafeBytes { ECDSASignature.der($0) } == DERWriter.value(DERWriter.sequence, numbers),
            "a signature is written as another one")
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
