import KeyStoreCore

/// What a card with firmware 5.3 or later tells about a key, a PIN or the management key (GET METADATA).
struct Metadata {
    /// Where a key came from.
    enum Origin: UInt8 {
        case generated = 1
        case imported = 2
    }

    /// The algorithm's number, which may be one that is not known here, a cipher's for the management key.
    let algorithm: UInt8?
    /// Nil where it is not told, or another one than those known here (biometric ones).
    let pinPolicy: PINPolicy?
    let touchPolicy: TouchPolicy?
    let origin: Origin?
    /// The public key in the applet's own form.
    let publicKey: [UInt8]?
    /// Whether a PIN, PUK or management key is the one from the factory.
    let isDefault: Bool?
    let triesTotal: Int?
    let triesLeft: Int?

    /// Reads the card's answer. Fields that are not known are skipped; those that are must be well-formed.
    init(decoding bytes: [UInt8]) throws(KeyStoreError) {
        let fields = try TLVReader.fields(bytes)
        func field(_ tag: UInt16, _ count: Int) throws(KeyStoreError) -> [UInt8]? {
            guard let value = fields[tag] else { return nil }
            guard value.count == count else { throw TLVReader.malformed("a field of another length than it has") }
            return value
        }
        algorithm = try field(1, 1)?[0]
        let policies = try field(2, 2)
        pinPolicy = policies.flatMap { PINPolicy(rawValue: UInt32($0[0])) }
        touchPolicy = policies.flatMap { TouchPolicy(rawValue: UInt32($0[1])) }
        origin = try field(3, 1).flatMap { Origin(rawValue: $0[0]) }
        publicKey = fields[4]
        isDefault = try field(5, 1).map { $0[0] != 0 }
        let tries = try field(6, 2)
        triesTotal = tries.map { Int($0[0]) }
        triesLeft = tries.map { Int($0[1]) }
    }
}
