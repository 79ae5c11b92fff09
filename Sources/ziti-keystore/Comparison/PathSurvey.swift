import KeyStoreCore
import KeyStoreLoader

/// What can be known of a path before any secret is sent.
struct PathSurvey: Sendable {
    let path: ComparisonPath
    let token: TokenInfo
    /// nil where it cannot be read without a login.
    let publicKey: PublicKey?

    /// Opens a path without logging in, and closes it again.
    init(_ path: ComparisonPath, _ store: BlockingKeyStore) throws(KeyStoreError) {
        defer { store.close() }
        let session = try store.openSession(SessionOptions(login: .never), pin: .none)
        defer { session.close() }
        self.path = path
        token = session.token
        do throws(KeyStoreError) {
            publicKey = try session.publicKey(at: path.reference)
        } catch {
            // Of a private key, or one in an encrypted file, nothing may be seen yet.
            guard error.code == .noSuchKey || error.code == .pinRequired else { throw error }
            publicKey = nil
        }
    }
}

extension [PathSurvey] {
    /// Whose PIN each path's is: the first path's that has the same reference, or a token of the same serial number.
    var secretOwners: [String] {
        map { survey in
            let owner = first { other in
                other.path.reference == survey.path.reference
                    || (!survey.token.serial.isEmpty && other.token.serial == survey.token.serial)
            }
            return "\(owner?.path.number ?? survey.path.number)"
        }
    }
}
