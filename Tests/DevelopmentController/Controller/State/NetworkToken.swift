internal import Synchronization

/// The JWT of method `network`, which a controller makes once and then keeps for as long as it runs.
final class NetworkToken: Sendable {
    private let made = Mutex<String?>(nil)

    func jwt(_ administration: Administration) throws -> String {
        try made.withLock { made in
            if let made { return made }
            let jwt = try administration.networkJWT()
            made = jwt
            return jwt
        }
    }
}
