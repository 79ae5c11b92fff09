import KeyStoreCore
import KeyStorePlugin
import OpenSSL

/// Private keys as text, made by OpenSSL's command.
enum PEM {
    static func p256() throws -> [UInt8] { try make(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]) }

    static func make(_ options: [String]) throws -> [UInt8] { try OpenSSLCommand.run(["genpkey"] + options) }
}

extension BackendSession {
    /// Imports a PEM text.
    @discardableResult
    func importPEM(
        _ pem: [UInt8], options: NewKeyOptions = NewKeyOptions(), at uri: KeyStoreURI
    ) throws -> any BackendKey {
        guard let session = self as? any KeyPolicyBackendSession else { throw NothingThrown() }
        return try pem.withUnsafeBytes { bytes in
            Result { () throws(KeyStoreError) in try session.importKey(pem: bytes, options: options, at: uri) }
        }.get()
    }
}
