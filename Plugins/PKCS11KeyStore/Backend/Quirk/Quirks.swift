/// Named deviations of modules from the standard, each of which changes what this backend does. Those of known modules are
/// switched on by themselves; a reference switches others on, or these off, by `x-quirks=name,-name`.
struct Quirks: OptionSet, Sendable {
    let rawValue: UInt32

    /// A new key's uses are one bit for two of them, as `CKA_VERIFY` and `CKA_DECRYPT`: saying that a key is not for one
    /// contradicts that it is for the other. What a new key is not for is left unsaid.
    static let unsaidUses = Quirks(rawValue: 1)
    /// P-521 keys are made whose public points are malformed, and that cannot sign. None are made, and those that are there
    /// offer no algorithm.
    static let noP521 = Quirks(rawValue: 2)
    /// The module writes to a socket or pipe without asking not to be signalled: where the other side is gone, SIGPIPE would
    /// end the program. The signal is held back in the calling thread for the time of each call.
    static let holdSIGPIPE = Quirks(rawValue: 4)
    /// RSA keys sign with RSASSA-PSS, and the list of mechanisms does not tell.
    static let unlistedPSS = Quirks(rawValue: 8)
    /// RSA keys decrypt OAEP with SHA-1 only. The other hashes are not offered.
    static let oaepSHA1Only = Quirks(rawValue: 16)
    /// RSA keys decrypt an empty PKCS #1 v1.5 message to a byte of zero, as they do a message that is one. That padding is
    /// not offered for decrypting.
    static let noPKCS1Decryption = Quirks(rawValue: 32)
    /// EC keys derive shared secrets although their CKA_DERIVE says that they do not.
    static let unsaidDerivation = Quirks(rawValue: 64)
    /// Ed25519 has SafeNet's numbers from before it took over the standard's.
    static let lunaEdDSA = Quirks(rawValue: 128)
    /// Ed25519 has the numbers of IBM's EP11.
    static let ep11EdDSA = Quirks(rawValue: 256)
    /// Ed25519 has the numbers of the SoftHSM that was patched for BIND. The module says of itself what every SoftHSM says.
    static let bindEdDSA = Quirks(rawValue: 512)

    /// The quirks by their names, in the order in which they are shown.
    static let named: [(name: String, quirk: Quirks)] = [
        ("unsaid-uses", .unsaidUses), ("no-p521", .noP521), ("unlisted-pss", .unlistedPSS),
        ("oaep-sha1-only", .oaepSHA1Only), ("no-pkcs1-decryption", .noPKCS1Decryption), ("hold-sigpipe", .holdSIGPIPE),
        ("unsaid-derivation", .unsaidDerivation), ("eddsa-luna", .lunaEdDSA), ("eddsa-ep11", .ep11EdDSA),
        ("eddsa-bind", .bindEdDSA),
    ]

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The quirk of that name; nil where there is none.
    init?(name: some StringProtocol) {
        guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
        self = found.quirk
    }

    /// The names of those in the set.
    var names: [String] { Self.named.filter { contains($0.quirk) }.map(\.name) }
}
