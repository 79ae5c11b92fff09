import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A JWT in its compact form, taken apart.
struct JWT {
    let header: String
    let claims: String
    let signature: [UInt8]
    private let signed: [UInt8]

    init(_ text: String) throws {
        let parts = text.split(separator: ".").map(String.init)
        guard parts.count == 3 else { throw CocoaError(.coderReadCorrupt) }
        func decoded(_ part: String) throws -> Data {
            let standard = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
            let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
            guard let data = Data(base64Encoded: standard + padding) else { throw CocoaError(.coderReadCorrupt) }
            return data
        }
        header = String(decoding: try decoded(parts[0]), as: UTF8.self)
        claims = String(decoding: try decoded(parts[1]), as: UTF8.self)
        signature = Array(try decoded(parts[2]))
        signed = Array((parts[0] + "." + parts[1]).utf8)
    }

    /// Whether the key of a certificate in DER made the signature, by the algorithm that fits the key.
    func isSigned(by certificate: [UInt8]) throws -> Bool {
        let key = try Certificate(derEncoded: certificate).publicKey
        if let key = P256.Signing.PublicKey(key) {
            return key.isValidSignature(try .init(rawRepresentation: signature), for: signed)
        } else if let key = P384.Signing.PublicKey(key) {
            return key.isValidSignature(try .init(rawRepresentation: signature), for: signed)
        } else if let key = P521.Signing.PublicKey(key) {
            return key.isValidSignature(try .init(rawRepresentation: signature), for: signed)
        } else if let key = _RSA.Signing.PublicKey(key) {
            return key.isValidSignature(
                .init(rawRepresentation: signature), for: signed, padding: .insecurePKCS1v1_5)
        }
        return false
    }
}
