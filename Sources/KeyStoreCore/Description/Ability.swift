/// What some backends can do and others cannot. Each has a protocol of its own, and a session hands out a value of it or
/// nil.
public struct Ability: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Stores certificates beside keys: `CertificateStoring`.
    public static let certificates = Ability(rawValue: 1)
    /// Destroys keys: `KeyDeleting`.
    public static let deleting = Ability(rawValue: 2)
    /// Takes keys that exist outside: `KeyImporting`.
    public static let importing = Ability(rawValue: 4)
    /// Writes references that the OpenZiti SDKs read: `SDKReferencing`.
    public static let sdkReferences = Ability(rawValue: 8)

    /// Decrypts: `Decrypting`.
    public static let decrypting = Ability(rawValue: 16)
    /// Derives shared secrets: `KeyAgreeing`.
    public static let agreeing = Ability(rawValue: 32)
    /// Gives keys other names: `KeyRelabelling`.
    public static let relabelling = Ability(rawValue: 64)
    /// Makes tokens ready and looks after their PINs: `TokenAdministering`.
    public static let administering = Ability(rawValue: 128)
    /// Tells when tokens come and go: `TokenWatching`.
    public static let watching = Ability(rawValue: 256)
    /// Gives new keys policies, and replaces keys: `KeyPolicySetting`.
    public static let keyPolicies = Ability(rawValue: 512)
    /// Attests that keys were made on the token: `KeyAttesting`.
    public static let attesting = Ability(rawValue: 1024)
    /// Moves keys to other places on their token: `KeyMoving`.
    public static let moving = Ability(rawValue: 2048)

    /// The names of the abilities in the set, in a fixed order.
    public var names: [String] {
        [
            (Ability.certificates, "certificates"), (.deleting, "delete"), (.importing, "import"),
            (.sdkReferences, "sdk-reference"), (.decrypting, "decrypt"), (.agreeing, "agree"),
            (.relabelling, "relabel"), (.administering, "administration"), (.watching, "watch"),
            (.keyPolicies, "key-policies"), (.attesting, "attest"), (.moving, "move"),
        ].filter { contains($0.0) }.map(\.1)
    }
}
