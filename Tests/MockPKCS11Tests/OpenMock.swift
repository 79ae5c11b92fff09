import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import PKCS11KeyStore

let message = Array("what is to be signed".utf8)

/// A store on a mock module, and a session, closed together.
final class OpenMock {
    let module: MockModule
    let host: MockHost
    let store: PKCS11Backend
    let session: any BackendSession

    /// On the one token that the path's and the query's attributes select.
    init(
        _ module: MockModule, _ attributes: String = "", _ options: SessionOptions = SessionOptions(isWritable: true),
        host: MockHost = MockHost(), allowsLastTry: Bool = false, query: String = ""
    ) throws {
        self.module = module
        self.host = host
        store = try PKCS11Backend(
            opening: OpenRequest(
                uri: try KeyStoreURI(module.uri(attributes) + (query.isEmpty ? "" : "&\(query)")),
                allowsLastTry: allowsLastTry), host: host
        )
        do {
            session = try store.openSession(options, host: host)
        } catch {
            store.close()
            throw error
        }
    }

    /// On a module of its own.
    convenience init(
        script: String = "", _ options: SessionOptions = SessionOptions(isWritable: true), host: MockHost = MockHost()
    ) throws {
        try self.init(try MockModule(script), "", options, host: host)
    }

    deinit {
        session.close()
        store.close()
    }

    func uri(_ attributes: String = "object=key") throws -> KeyStoreURI { try KeyStoreURI(module.uri(attributes)) }

    /// The key that every mock token begins with, or another.
    func key(_ attributes: String = "object=key") throws -> any BackendKey { try session.key(at: try uri(attributes)) }

    /// Every key that the session sees.
    func list() throws -> [KeyInfo] {
        var found: [KeyInfo] = []
        try session.forEachKey(matching: nil) { info in
            found.append(info)
            return true
        }
        return found
    }
}

extension BackendKey {
    func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm = .ecdsaP256SHA256) throws -> [UInt8] {
        try message.withUnsafeBytes { try sign($0, form: .message, using: algorithm) }
    }

    /// Signs, and says whether the signature is one by the public key: this one, or the key's own.
    func signsValidly(by publicKey: PublicKey? = nil, _ algorithm: SignatureAlgorithm = .ecdsaP256SHA256) throws -> Bool
    {
        let judge = try publicKey ?? self.publicKey()
        return judge.isValidSignature(try sign(message, algorithm), of: .message(message), using: algorithm)
    }
}
