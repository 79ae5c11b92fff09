import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// A store and a session on a token, closed together.
final class OpenToken {
    let token: SoftHSMToken
    let host: TestHost
    let store: PKCS11Backend
    let session: PKCS11Session

    init(
        _ token: SoftHSMToken, _ options: SessionOptions = SessionOptions(isWritable: true), host: TestHost? = nil,
        quirks: String = ""
    ) throws {
        self.token = token
        self.host = host ?? TestHost(pin: token.pin)
        store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI("\(token.uri)&x-quirks=\(quirks)")), host: self.host)
        session = try #require(try store.openSession(options, host: self.host) as? PKCS11Session)
    }

    /// On a token of its own.
    convenience init(
        _ options: SessionOptions = SessionOptions(isWritable: true), host: TestHost? = nil, quirks: String = ""
    ) throws {
        try self.init(
            SoftHSM.shared.makeToken(label: "t\(UInt32.random(in: 0...UInt32.max))"), options, host: host,
            quirks: quirks)
    }

    deinit {
        session.close()
        store.close()
    }

    func uri(_ attributes: String) throws -> KeyStoreURI { try KeyStoreURI(token.uri(attributes)) }
}
