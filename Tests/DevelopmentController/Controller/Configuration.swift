public import FoundationEssentials

extension Controller {
    /// How a controller is to run. Everything has a default that suits a test.
    public struct Configuration: Sendable {
        /// The address to listen on.
        public var address = "127.0.0.1"
        /// The port to listen on; 0 takes the port this folder's controller had last, if it is free, or else any.
        public var port = 0
        /// The host in the controller's URL, and so in `iss` of its JWTs.
        public var host = "localhost"
        /// The folder the state lives in; nil keeps it in memory only. The folder's parent has to exist.
        public var folder: String?
        /// The kind of key of a new PKI; a folder that has a PKI keeps the one it has.
        public var serverKey = ServerKeyType.p256
        /// The TLS versions that are accepted.
        public var tls = TLSVersions.both
        /// The host names in a new server certificate.
        public var certificateHostNames = ["localhost"]
        /// The IP addresses in a new server certificate.
        public var certificateAddresses = ["127.0.0.1", "::1"]
        /// How many CA certificates of other networks the CA bundle holds besides the controller's own. Each has a thousand
        /// bytes, as those with RSA keys have.
        public var otherAuthorityCount = 0
        /// What is wrong with the certificates that the server presents, on purpose.
        public var serverFlaw: ServerFlaw?
        /// The version that `/version` and the `Server` header report.
        public var version = "v1.6.20"
        /// The URLs, `https://HOST:PORT`, of further controllers that `/controllers` tells of, running or not.
        public var peers: [String] = []
        /// A controller whose network the new one joins: it has the same CA, identities and API sessions, and a server
        /// key of its own. A peer has no folder.
        public var peerOf: Controller?
        /// Whether OpenID Connect is offered below `/oidc`, and `OIDC_AUTH` among the capabilities.
        public var isOIDCEnabled = false
        /// The clock that certificates, enrollments and API sessions go by.
        public var now: @Sendable () -> Date = { Date() }

        /// The defaults.
        public init() {}
    }
}
