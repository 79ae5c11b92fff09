import KeyStoreCore
import SwiftASN1

/// Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).
enum JSONWebKey {
    /// The key on one line, with its members in the order that a thumbprint has them (RFC 7638 §3.2).
    static func text(_ key: PublicKey) throws -> String {
        let bits = try subjectPublicKey(key.der)
        let members: [(name: String, value: JSONValue)]
        switch key.type {
        case .ecP256: members = point("P-256", bits)
        case .ecP384: members = point("P-384", bits)
        case .ecP521: members = point("P-521", bits)
        case .ed25519, .x25519:
            members = [("crv", .string("\(key.type)")), ("kty", .string("OKP")), ("x", base64URL(bits))]
        case .rsa:
            let (modulus, exponent) = try rsaNumbers(bits)
            members = [("e", base64URL(exponent)), ("kty", .string("RSA")), ("n", base64URL(modulus))]
        }
        return JSONValue.object(members).text
    }

    /// An uncompressed point (RFC 5480 §2.2) is 4, then both coordinates at full length.
    private static func point(_ curve: String, _ bits: [UInt8]) -> [(name: String, value: JSONValue)] {
        let length = (bits.count - 1) / 2
        return [
            ("crv", .string(curve)), ("kty", .string("EC")), ("x", base64URL(bits[1..<1 + length])),
            ("y", base64URL(bits[(1 + length)...])),
        ]
    }

    private static func subjectPublicKey(_ der: [UInt8]) throws -> [UInt8] {
        try DER.sequence(try DER.parse(der), identifier: .sequence) { nodes in
            _ = nodes.next()
            return Array(try ASN1BitString(derEncoded: &nodes).bytes)
        }
    }

    private static func rsaNumbers(_ der: [UInt8]) throws -> (modulus: [UInt8], exponent: [UInt8]) {
        try DER.sequence(try DER.parse(der), identifier: .sequence) { nodes in
            func number() throws -> [UInt8] { Array(try ArraySlice<UInt8>(derEncoded: &nodes).drop { $0 == 0 }) }
            return (try number(), try number())
        }
    }

    private static func base64URL(_ bytes: some Collection<UInt8>) -> JSONValue {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var value = 0
        var count = 0
        for byte in bytes {
            value = (value << 8 | Int(byte)) & 0xFFFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[value >> count & 63])
            }
        }
        if count > 0 { text.append(alphabet[value << (6 - count) & 63]) }
        return .string(String(decoding: text, as: UTF8.self))
    }
}
