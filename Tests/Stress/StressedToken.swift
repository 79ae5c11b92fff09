import KeyStoreCore
import KeyStoreLoader
import SoftHSMTokens

/// A token with keys on it that are told apart by their signatures.
struct StressedToken: Sendable {
    /// A key, and what verifies its signatures.
    struct StressedKey: Sendable {
        let uri: KeyStoreURI
        let verifier: Verifier
    }

    let loader = BackendLoader()
    let request: OpenRequest
    let pin: PINSource
    let keys: [StressedKey]
    /// Keeps a token of SoftHSM's for as long as this is in use.
    private let lease: SoftHSMToken?

    /// A new token of SoftHSM's with four P-256 keys.
    static func softHSM() async throws -> StressedToken {
        let token = SoftHSM.shared.makeToken(label: "stress")
        let request = OpenRequest(uri: try KeyStoreURI(token.uri))
        let names = (1...4).map { token.uri("object=key\($0);id=%0\($0)") }
        return try await make(request, pin: token.pin, names, lease: token) { session, uri in
            try await session.generateKey(.ecP256, at: uri).info.uri
        }
    }

    /// The mock's token, which must be as it is after `MockControl.prepare`.
    static func mock(_ mock: MockControl) async throws -> StressedToken {
        let query = "?module-path=\(mock.path)"
        let names = (1...4).map { "pkcs11:token=mock;object=key-\($0)\(query)" }
        let request = OpenRequest(uri: try KeyStoreURI("pkcs11:token=mock\(query)"))
        return try await make(request, pin: "123456", names, lease: nil) { session, uri in
            try await session.key(at: uri).info.uri
        }
    }

    /// Also signs with each key once, so that libraries have loaded what they need before threads meet in them.
    private static func make(
        _ request: OpenRequest, pin: String, _ names: [String], lease: SoftHSMToken?,
        _ find: (any KeyStoreSession, KeyStoreURI) async throws -> KeyStoreURI
    ) async throws -> StressedToken {
        let pin = PINSource.value(try PIN(pin))
        let store = try await BackendLoader().open(request)
        let session = try await store.openSession(SessionOptions(isWritable: true), pin: pin)
        var keys: [StressedKey] = []
        for name in names {
            let uri = try await find(session, try KeyStoreURI(name))
            let verifier = try Verifier(try await session.publicKey(at: uri))
            let message = Array(name.utf8)
            try verifier.verify(
                try await session.key(at: uri).sign(message, using: .ecdsaP256SHA256), of: message)
            keys.append(StressedKey(uri: uri, verifier: verifier))
        }
        await session.close()
        await store.close()
        return StressedToken(request: request, pin: pin, keys: keys, lease: lease)
    }
}
