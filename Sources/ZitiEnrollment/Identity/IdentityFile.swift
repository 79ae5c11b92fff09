public import KeyStoreCore
import SwiftASN1
import X509

/// An identity file: which controller, which key, which certificate. OpenZiti's Go and C SDKs read the same file.
///
/// The key is named by its reference, as a rule. Files of other programs may hold the key itself, or a PIN; no description
/// of this type shows it.
public struct IdentityFile: Sendable {
    /// The longest file that is read, in bytes.
    public static let maximumLength = 1 << 20

    /// The controller to log in at: `ztAPI` without the client API's path.
    public internal(set) var controller: ControllerAddress
    /// The client API addresses of all controllers: `ztAPIs`; empty where the file names none.
    public internal(set) var controllerAPIs: [String]
    /// `id.key` as it stands in the file: a reference, or a private key in PEM. May hold a secret.
    public internal(set) var key: String
    /// `id.cert` in DER: the certificate, then its intermediates.
    public internal(set) var certificates: [[UInt8]]
    /// `id.ca` in DER: the only authorities to trust.
    public internal(set) var authorities: [[UInt8]]
    /// What only this library writes and reads.
    public internal(set) var extras: IdentityExtras

    /// The files that `id.cert` and `id.ca` named instead of holding certificates.
    var certificateFiles: [String] = []
    /// How the file writes what all dialects say.
    var form = IdentityForm()
    /// Members that belong to other programs, and are kept when the file is written anew.
    var others = IdentityContents.usualOthers
    /// The same of the object `id`.
    var otherCredentials: [String: JSONNode] = [:]

    /// Whether `id.key` holds the private key itself instead of naming it.
    public var holdsPrivateKey: Bool { PEMText.isPEM(key) }

    /// Whether `id.key` holds a secret: the private key, or a PIN.
    public var holdsSecret: Bool { holdsPrivateKey || KeyStoreURI.redact(key) != key }

    /// Writes the identity to a new file with mode 0600, whole or not at all; it is on the disk when this returns. Throws
    /// `outputExists` if something stands at the path, and `outputNotWritable`.
    public func write(to path: String) throws(EnrollmentError) { try OutputFile(path: path).write(try json()) }

    /// The reference of the key. Throws `identityInvalid` if the file holds the key itself, or a reference that cannot be
    /// read.
    public func keyReference() throws(EnrollmentError) -> KeyStoreURI {
        guard !holdsPrivateKey else {
            throw EnrollmentError(
                .identityInvalid, "the identity file holds the private key itself, and names none in a store",
                hint: "Import the key into a store, and let the file name it there: "
                    + "'ziti-keystore identity convert FILE --to native --import REF'.")
        }
        do {
            // The SDKs write and read the path of a key file with its spaces.
            return try KeyStoreURI(key.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20"))
        } catch {
            throw EnrollmentError(
                .identityInvalid, "'id.key' in the identity file is no key reference: \(error.message)",
                hint: key.contains(":")
                    ? ""
                    : "OpenZiti's SDKs take a path alone for a key file; here it needs a backend's scheme in front.",
                underlying: error)
        }
    }

    init(
        controller: ControllerAddress, controllerAPIs: [String], key: String, certificates: [[UInt8]],
        authorities: [[UInt8]], extras: IdentityExtras
    ) {
        self.controller = controller
        self.controllerAPIs = controllerAPIs
        self.key = key
        self.certificates = certificates
        self.authorities = authorities
        self.extras = extras
    }
}

extension IdentityFile: CustomStringConvertible, CustomReflectable {
    /// Where the identity logs in.
    public var description: String { "identity file for \(controller)" }
    /// Nothing: `dump` does not show the key either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
