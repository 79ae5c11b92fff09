public import KeyStoreCore

/// What the conversion of an identity file led to.
public struct ConvertedIdentity: Sendable {
    /// The identity in the new form. Holds secrets only where they were asked for, or stood there before.
    public var identity: IdentityFile
    /// Names the key; nil where the file holds it.
    public var key: KeyStoreURI?
    /// Whether a secret was left out that the program needs.
    public var lacksSecret = false
    /// Whether the private key was taken out of the file, into a store. The file that it came from still holds it.
    public var isImported = false
}
