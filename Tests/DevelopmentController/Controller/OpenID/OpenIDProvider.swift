internal import FoundationEssentials
internal import Synchronization

/// What the OpenID Connect endpoints remember between the steps of an authorization; in memory only.
final class OpenIDProvider: Sendable {
    private struct Values {
        var requests: [String: AuthorizationRequest] = [:]
        var codes: [String: AuthorizationRequest] = [:]
    }

    private let values = Mutex(Values())

    /// Stores a request; returns its id.
    func add(_ request: AuthorizationRequest) -> String {
        let id = Identifier.token()
        values.withLock { $0.requests[id] = request }
        return id
    }

    func request(_ id: String) -> AuthorizationRequest? {
        values.withLock { $0.requests[id] }
    }

    /// Notes who logged in.
    func logIn(_ id: String, _ session: APISession) {
        values.withLock { $0.requests[id]?.session = session }
    }

    /// Swaps a request for a code, which is good once.
    func makeCode(_ id: String) -> String? {
        values.withLock { values in
            guard let request = values.requests.removeValue(forKey: id) else { return nil }
            let code = Identifier.token()
            values.codes[code] = request
            return code
        }
    }

    /// Takes the request a code stands for, whatever comes of it.
    func take(code: String) -> AuthorizationRequest? {
        values.withLock { $0.codes.removeValue(forKey: code) }
    }
}
