import NIOHTTP1
import ZitiEnrollment

/// A login at one controller: what requests prove themselves with. Holds secrets, and shows none.
struct APILogin: Sendable, CustomStringConvertible, CustomReflectable {
    /// What renews an OIDC login.
    struct Refresh: Sendable {
        let token: String
        let endpoints: OIDCEndpoints
    }

    let controller: ControllerAddress
    let kind: ZitiSession.Kind
    /// The header that goes with every request.
    let header: (name: String, value: String)
    let refresh: Refresh?
    /// How long it lasts; nil for a login that lasts while it is used.
    let lifeSeconds: Int?
    /// Tells the logins of a session apart.
    var number = 0
    /// When it is to be renewed before use.
    var renewAt: ContinuousClock.Instant?

    var headers: HTTPHeaders { [header.name: header.value] }

    var description: String { "\(kind) login at \(controller)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether a token can stand in a header, whatever it says.
    static func isHeaderValue(_ text: String) -> Bool {
        (1...16_384).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
