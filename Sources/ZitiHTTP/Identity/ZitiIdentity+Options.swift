public import KeyStoreTLS
public import NIOSSL

extension ZitiIdentity {
    /// How an identity connects. Everything has a default.
    public struct Options: Sendable {
        /// Authorities to trust beside those of the identity file, in DER: for servers that are no controllers.
        public var additionalAuthorities: [[UInt8]]
        /// The newest TLS version that is offered; nil for the newest there is. The oldest is 1.2.
        public var maximumTLSVersion: TLSVersion?
        /// How many sessions may be open on the token, to sign in as many handshakes at once. Nil: four, or one where each
        /// signature waits for a person. A token that has no more to give is content with fewer.
        public var maximumSessions: Int?
        /// The time limit for connecting, and for each exchange with a controller, in seconds. A touch counts.
        public var timeoutSeconds: Int
        /// Told of each use of the key after it. Called on any thread; must not block.
        public var onKeyUse: TLSPrivateKey.Observer?

        /// Makes options.
        public init(
            additionalAuthorities: [[UInt8]] = [], maximumTLSVersion: TLSVersion? = nil, maximumSessions: Int? = nil,
            timeoutSeconds: Int = 30, onKeyUse: TLSPrivateKey.Observer? = nil
        ) {
            self.additionalAuthorities = additionalAuthorities
            self.maximumTLSVersion = maximumTLSVersion
            self.maximumSessions = maximumSessions
            self.timeoutSeconds = min(max(timeoutSeconds, 1), 86_400)
            self.onKeyUse = onKeyUse
        }
    }
}
