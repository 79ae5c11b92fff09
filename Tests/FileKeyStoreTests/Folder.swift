import TemporaryFiles
import FileKeyStore
import KeyStoreCore
import KeyStorePlugin
import OpenSSL

/// A folder of key files with a session on it.
final class Folder {
    let folder = TemporaryFolder()
    let host: ScriptedHost
    let session: any BackendSession

    init(
        _ answers: [PINRequest.Kind: String] = [.newPassphrase: ""],
        _ options: SessionOptions = SessionOptions(isWritable: true)
    ) throws {
        host = ScriptedHost(answers)
        session = try Self.session(on: KeyStoreURI("file://\(folder.path)"), host, options)
    }

    static func session(
        on uri: KeyStoreURI, _ host: ScriptedHost, _ options: SessionOptions = SessionOptions(isWritable: true)
    ) throws -> any BackendSession {
        try FileBackend(opening: OpenRequest(uri: uri), host: host).openSession(options, host: host)
    }

    func uri(_ name: String) throws -> KeyStoreURI { try KeyStoreURI("file://\(folder.path)/\(name)") }

    /// The folder's own URI.
    var folderURI: KeyStoreURI { get throws { try KeyStoreURI("file://\(folder.path)") } }

    func keys(matching uri: KeyStoreURI? = nil) throws -> [KeyInfo] {
        var found: [KeyInfo] = []
        try session.forEachKey(matching: uri) { info in
            found.append(info)
            return true
        }
        return found
    }

    /// The error that a call ends in, nil if it ends in none.
    static func error(_ body: () throws -> Void) -> KeyStoreError? {
        do {
            try body()
            return nil
        } catch {
            return error as? KeyStoreError
        }
    }

    func errorFindingKey(_ name: String) -> KeyStoreError? { Self.error { _ = try session.key(at: uri(name)) } }

    static let plainKey = made(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
    static let otherKey = made(["genpkey", "-algorithm", "ED25519"])
    static let passphrase = "open sesame"
    static let encryptedKey = made(
        ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:\(passphrase)"], plainKey)

    /// A self-signed certificate of a private key, PEM.
    static func certificate(of key: [UInt8], name: String = "endpoint") -> [UInt8] {
        let folder = TemporaryFolder()
        let path = folder.path("key.pem")
        guard (try? folder.write("key.pem", key)) != nil else { fatalError("no key file") }
        return made(["req", "-x509", "-key", path, "-subj", "/CN=\(name)"])
    }

    static func der(_ certificate: [UInt8]) -> [UInt8] { made(["x509", "-outform", "DER"], certificate) }

    static func made(_ arguments: [String], _ input: [UInt8] = []) -> [UInt8] {
        do {
            return try OpenSSLCommand.run(arguments, input: input)
        } catch {
            fatalError("\(error)")
        }
    }
}

extension BackendKey {
    func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm, _ form: SigningForm = .message) throws -> [UInt8] {
        try message.withUnsafeBytes { try sign($0, form: form, using: algorithm) }
    }
}

extension PIN {
    var bytes: [UInt8] { withBytes { Array($0) } }
}
