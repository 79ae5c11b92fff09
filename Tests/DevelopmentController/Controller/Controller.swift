internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// A Ziti controller for development and tests: it enrolls identities and lets them authenticate, and no more.
///
/// It imitates the client API of OpenZiti controllers v1.6.20 and v2.0.3 as recorded in
/// `Tests/DevelopmentController/Recordings`: `/version`, the EST CA bundle, `/network-jwts`, enrollment by `ott`,
/// `ottca`, `ca` and `updb` with every refusal of those methods, authentication by certificate and by password,
/// `/current-identity`, `/current-api-session`, the authenticators and their extension in two steps, over TLS 1.2 and
/// 1.3 that asks for a client certificate and judges it only where the real one does. Status lines, header order,
/// bodies, JWTs and certificates are those of the recordings, which `DevelopmentControllerTests` compares one by one.
///
/// What no recording judges follows the published source and description of the real one, and is listed in those
/// tests: enrollment by external JWT and its refusals, `/external-jwt-signers`, `/controllers`, the `controllers` in
/// the answers of v2.1, OpenID Connect beyond its discovery document, and the limits 413, 429 and 503.
///
/// It does not imitate: the management API (an administrator's acts are methods here), enrollment of routers (their
/// JWTs are made so that clients can refuse them), external-id claims of CAs, identity roles and name formats other
/// than the default, path lengths and name constraints of third-party CAs, JWKS and audiences of signers, OpenID
/// Connect with anything but a certificate or a password, session certificates, posture, services and routers (their
/// lists are empty), the consensus of a cluster (peers share their memory), MFA, and any of the data plane. Limits on
/// rates exist only as faults. The text of a subject keeps the string type that the request had, where Go writes it
/// anew. P-224 keys are refused. Serial numbers are longer than the real ones.
///
/// All requests are answered one after the other, on one thread of the controller's own.
public final class Controller: Sendable {
    /// The controller's URL, `https://HOST:PORT`, without a trailing slash.
    public let url: String
    /// The port the controller listens on.
    public let port: Int

    let authority: Authority
    let state: State
    let cluster: Cluster
    let now: @Sendable () -> Date
    let networkToken: NetworkToken
    private let log: RequestLog
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let lock: CInt?

    /// Starts a controller and returns when it listens.
    ///
    /// Throws a `ControllerError` if the folder cannot be used or belongs to a controller that is running, and NIO's
    /// error if the port cannot be had.
    public static func start(_ configuration: Configuration = Configuration()) async throws -> Controller {
        let folder = try configuration.folder.map { try Folder($0) }
        let lock = try folder?.lock()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            return try await Controller(configuration, folder, lock, group)
        } catch {
            if let lock { close(lock) }
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ configuration: Configuration, _ folder: Folder?, _ lock: CInt?, _ group: MultiThreadedEventLoopGroup
    ) async throws {
        let authority = try Controller.authority(configuration, folder)
            .impaired(configuration.serverFlaw, configuration.now())
        let others = try Authority.others(configuration.otherAuthorityCount, now: configuration.now())
        for peer in configuration.peers { try Controller.checkPeer(peer) }
        let state = try configuration.peerOf?.state ?? State(folder)
        let cluster = configuration.peerOf?.cluster ?? Cluster(folder)
        let openID = OpenIDProvider()
        let log = RequestLog()
        let networkToken = NetworkToken()
        let tls = try TLSServer.context(authority, configuration.tls, configuration.serverFlaw)
        let instanceID = Identifier.collisionResistant(configuration.now())
        let settings = try folder?.read(FolderSettings.self, FolderSettings.file)
        let connections = ConnectionSetup(tls: tls, log: log, version: configuration.version, instanceID: instanceID)
        let channel = try await connections.listen(
            group: group, address: configuration.address, port: configuration.port, preferredPort: settings?.port
        ) { port in
            ClientAPI(
                authority: authority, state: state, url: "https://\(configuration.host):\(port)",
                version: configuration.version, now: configuration.now, cluster: cluster,
                isOIDCEnabled: configuration.isOIDCEnabled, openID: openID, startedAt: configuration.now(),
                networkToken: networkToken,
                otherAuthorities: others)
        }
        guard let port = channel.localAddress?.port else {
            throw ControllerError("the listening socket has no port")
        }
        self.port = port
        url = "https://\(configuration.host):\(port)"
        self.authority = authority
        self.state = state
        self.cluster = cluster
        cluster.add(.init(url: url, certificate: authority.server, key: authority.serverKey))
        for peer in configuration.peers { cluster.add(.init(url: peer)) }
        now = configuration.now
        self.log = log
        self.networkToken = networkToken
        self.channel = channel
        self.group = group
        self.lock = lock
        try folder?.write(FolderSettings(host: configuration.host, port: port), FolderSettings.file)
    }

    /// Stops listening, closes all connections and gives the folder back. To be called once.
    public func shutdown() async throws {
        cluster.remove(url: url)
        try await channel.close()
        try await group.shutdownGracefully()
        if let lock { close(lock) }
    }

    // MARK: Administration

    /// The API sessions that clients made by authenticating, oldest first, those that ended too.
    public var apiSessions: [APISession] { state.sessions }

    /// The certificates of the CAs in PEM: the intermediate and the root, as the bundle has them.
    public var certificateAuthoritiesPEM: String {
        PEM.block("CERTIFICATE", authority.intermediate) + PEM.block("CERTIFICATE", authority.root)
    }

    /// The server's leaf in DER: the certificate whose key signs the JWTs.
    public var serverCertificateDER: [UInt8] { authority.server }

    // MARK: Tests

    /// What was requested, in the order of arrival.
    public var requests: [SeenRequest] { log.requests }

    /// Puts a fault in line: the next request to its path consumes it, before faults that were scripted later.
    public func script(_ fault: Fault) {
        log.script(fault)
    }

    // MARK: Without running

    /// The API sessions that the folder of a controller holds, oldest first.
    public static func apiSessions(inFolder path: String) throws -> [APISession] {
        try Folder(path).readAll(APISession.self, .sessions).sorted { $0.createdAt < $1.createdAt }
    }

    private static func authority(_ configuration: Configuration, _ folder: Folder?) throws -> Authority {
        if let record = try folder?.read(AuthorityRecord.self, AuthorityRecord.file) { return try Authority(record) }
        if let peer = configuration.peerOf {
            guard folder == nil else { throw ControllerError("a peer has no folder") }
            return try Authority(
                peerOf: peer.authority, hostNames: configuration.certificateHostNames,
                addresses: configuration.certificateAddresses, now: configuration.now())
        }
        let authority = try Authority(
            keyType: configuration.serverKey, hostNames: configuration.certificateHostNames,
            addresses: configuration.certificateAddresses, now: configuration.now())
        try folder?.write(authority.record, AuthorityRecord.file)
        return authority
    }
}
