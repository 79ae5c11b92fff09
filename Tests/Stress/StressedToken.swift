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
    /// Keeps the token for as long as this is in use.
    private let lease: SoftHSMToken

    /// A new token of SoftHSM's with four P-256 keys.
    static func softHSM() async throws -> StressedToken {
        let token = SoftHSM.shared.makeToken(label: "stress")
        let pin = PINSource.value(try PIN(token.pin))
        let request = OpenRequest(uri: try KeyStoreURI(token.uri))
        let store = try await BackendLoader().open(request)
        let session = try await store.openSession(SessionOptions(isWritable: true), pin: pin)
        var keys: [StressedKey] = []
        for number in 1...4 {
            let uri = try KeyStoreURI(token.uri("object=key\(number);id=%0\(number)"))
            let key = try await session.generateKey(.ecP256, at: uri)
            keys.append(StressedKey(uri: key.info.uri, verifier: try Verifier(try await key.publicKey())))
        }
        await session.close()
        await store.close()
        return StressedToken(request: request, pin: pin, keys: keys, lease: token)
    }
}
