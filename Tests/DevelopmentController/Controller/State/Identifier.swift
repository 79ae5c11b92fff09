internal import Crypto
internal import FoundationEssentials

/// The kinds of identifier the controller hands out.
enum Identifier {
    /// An entity or request id as the `shortid` library writes it: nine or ten of `0-9a-zA-Z.-`.
    static func entity() -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-")
        return String((0..<Int.random(in: 9...10)).map { _ in alphabet.randomElement()! })
    }

    /// The id of a third-party CA: twenty-two letters and digits.
    static func authority() -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return String((0..<22).map { _ in alphabet.randomElement()! })
    }

    /// A cuid: the letter c, eight digits of time in base 36, and sixteen that are random.
    static func collisionResistant(_ now: Date) -> String {
        let time = String(Int(now.timeIntervalSince1970 * 1000), radix: 36).suffix(8)
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return "c" + time + String((0..<24 - time.count).map { _ in alphabet.randomElement()! })
    }

    /// A random UUID (version 4) in lower case, as enrollment tokens and API session tokens are.
    static func token() -> String {
        UUID().uuidString.lowercased()
    }

    /// What a secret is filed under, so that neither memory dumps of the folder nor its file names show it.
    static func digest(ofToken token: String) -> String {
        hex(SHA256.hash(data: Data(token.utf8)))
    }

    /// The lower-case hexadecimal SHA-1 of a certificate's DER: what the controller calls its fingerprint, and `kid`.
    static func fingerprint(ofCertificate der: [UInt8]) -> String {
        hex(Insecure.SHA1.hash(data: der))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
