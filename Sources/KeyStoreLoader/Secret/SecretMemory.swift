import KeyStoreCore
import Synchronization

/// Secrets that were given once, by what they are for.
final class SecretMemory: Sendable {
    private let known = Mutex<[String: PIN]>([:])

    func value(for request: PINRequest) -> PIN? { known.withLock { $0[Self.name(of: request)] } }

    func remember(_ pin: PIN, for request: PINRequest) { known.withLock { $0[Self.name(of: request)] = pin } }

    private static func name(of request: PINRequest) -> String {
        "\(request.kind.rawValue) \(request.uri) \(request.subject)"
    }
}
