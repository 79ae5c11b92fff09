/// What a session may do, and when it logs in.
public struct SessionOptions: Hashable, Sendable {
    /// When a session logs in.
    public enum Login: Sendable {
        /// When an operation needs it, and not before.
        case whenNeeded
        /// As soon as the session is open.
        case atOnce
        /// Not at all: only what is public is seen.
        case never
    }

    /// Whether keys and certificates may be made, stored and deleted.
    public var isWritable: Bool
    /// When to log in.
    public var login: Login

    /// A session that may only read and sign, and logs in when that is needed, unless said otherwise.
    public init(isWritable: Bool = false, login: Login = .whenNeeded) {
        self.isWritable = isWritable
        self.login = login
    }
}
