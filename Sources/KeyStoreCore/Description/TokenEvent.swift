/// A token came or went.
public enum TokenEvent: Hashable, Sendable {
    /// The token is there now.
    case inserted(TokenInfo)
    /// The token is gone; described as it was last seen.
    case removed(TokenInfo)

    /// The token.
    public var token: TokenInfo {
        switch self {
        case .inserted(let token), .removed(let token): token
        }
    }
}
