public import FoundationEssentials
public import KeyStoreCore

/// What a renewal or a key roll led to. Holds no secret.
public struct RenewalResult: Sendable {
    /// The identity file, without symbolic links.
    public var path: String
    /// Whether there is a new certificate; false where none was due.
    public var isRenewed: Bool
    /// Why it was renewed before its time: the controller asked for it.
    public var isRequestedByController: Bool
    /// Whether the controller asks for another key.
    public var isKeyRollRequested: Bool
    /// The identity's identifier; empty where the controller was not asked.
    public var identityID: String
    /// The controller.
    public var controller: ControllerAddress
    /// Names the key of the certificate, without secrets.
    public var key: KeyStoreURI
    /// Whether the key was made for this.
    public var isKeyGenerated: Bool
    /// Names the key that the identity had before, without secrets; nil where the key stayed.
    public var oldKey: KeyStoreURI?
    /// Whether that was destroyed.
    public var isOldKeyDeleted: Bool
    /// When the certificate expires.
    public var certificateExpiry: Date
    /// Whether the certificate stands beside the key, too.
    public var isCertificateStored: Bool
    /// Whether an earlier attempt was gone on with.
    public var isResumed: Bool
}
