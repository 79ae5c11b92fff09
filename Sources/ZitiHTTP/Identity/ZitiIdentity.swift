public import AsyncHTTPClient
public import KeyStoreCore
import KeyStoreTLS
public import NIOCore
public import NIOSSL
public import ZitiEnrollment

/// An enrolled identity as a client of HTTPS servers: its certificate, and its key, which stays in its store.
///
///     let identity = try await ZitiIdentity.open(IdentityFile(path: "ziggy.json"), key: source)
///     try await identity.withHTTPClient { client in
///         let response = try await client.execute(HTTPClientRequest(url: "https://ctrl.example.org:1280/version"), timeout: .seconds(30))
///     }
///     await identity.close()
///
/// The key is looked up once and its session stays open, so that a handshake costs one signature. Signatures are made on
/// the store's own threads: while a token computes, or waits for a finger, the event loop serves other connections. Where
/// many handshakes come at once, more sessions are opened. A handshake in which the key fails throws the `KeyStoreError`
/// itself; after a token was pulled out and came back, the next handshake finds it again.
public final class ZitiIdentity: Sendable {
    /// The identity file.
    public let file: IdentityFile
    /// The key's public half.
    public let publicKey: PublicKey
    /// What the key is offered to servers with, best first.
    public let algorithms: [KeyStoreCore.SignatureAlgorithm]

    private let tls: TLSConfiguration
    private let pool: KeyPool
    let timeoutSeconds: Int

    private init(
        file: IdentityFile, publicKey: PublicKey, key: TLSPrivateKey, tls: TLSConfiguration, pool: KeyPool,
        timeoutSeconds: Int
    ) {
        self.file = file
        self.publicKey = publicKey
        algorithms = key.signatureAlgorithms.map { KeyStoreCore.SignatureAlgorithm(rawValue: $0.rawValue) }
        self.tls = tls
        self.pool = pool
        self.timeoutSeconds = timeoutSeconds
    }

    /// Opens the key's store, if need be, logs in where that is needed to find the key, and connects to nobody. The passphrase
    /// of a key file is asked for once, and kept until the identity is closed; a PIN is not kept.
    ///
    /// Throws `identityInvalid` if the certificate is for another key, `noUsableAlgorithm` for a key that TLS has no use
    /// for, and `keyStore` for what the store fails with.
    public static func open(
        _ file: IdentityFile, key source: KeySource, options: Options = Options()
    ) async throws(EnrollmentError) -> ZitiIdentity {
        let pool: KeyPool
        let publicKey: PublicKey
        do throws(KeyStoreError) {
            let (store, isOwned) = try await source.openStore()
            (pool, publicKey) = try await KeyPool.open(
                store, ownsStore: isOwned, uri: source.uri, pin: source.pin, limit: options.maximumSessions)
        } catch {
            throw EnrollmentError(error)
        }
        do throws(EnrollmentError) {
            try file.requireCertificate(of: publicKey)
            let algorithms = pool.info.algorithms.filter { file.extras.algorithms?.contains($0) ?? true }
            let key = TLSPrivateKey(
                PooledKey(pool: pool, known: publicKey), publicKey: publicKey, algorithms: algorithms,
                observer: options.onKeyUse)
            guard !key.signatureAlgorithms.isEmpty else {
                throw EnrollmentError(.noUsableAlgorithm, "the \(publicKey.type) key has no algorithm for TLS")
            }
            return ZitiIdentity(
                file: file, publicKey: publicKey, key: key, tls: try tls(file, key, options), pool: pool,
                timeoutSeconds: options.timeoutSeconds)
        } catch {
            await pool.close()
            throw error
        }
    }

    private static func tls(
        _ file: IdentityFile, _ key: TLSPrivateKey, _ options: Options
    ) throws(EnrollmentError) -> TLSConfiguration {
        do {
            return try .makeKeyStoreClient(
                trustRoots: file.authorities + options.additionalAuthorities, chain: file.certificates, key: key,
                maximumTLSVersion: options.maximumTLSVersion)
        } catch {
            throw EnrollmentError(
                .identityInvalid, "the certificates of the identity file, or those given besides, cannot be used",
                underlying: error)
        }
    }

    /// How connections of this identity are made: mutual TLS 1.2 or 1.3, trusting the identity file's authorities and those
    /// given besides, and no others. Keeps the key's session open as long as it is kept itself.
    public var tlsConfiguration: TLSConfiguration { tls }

    /// A configuration for clients that outlive one scope. Change what is of no matter to the key at will.
    ///
    /// A connection that could not be made is not tried anew by the client itself: each attempt asks the key for a
    /// signature, and a person for a touch. Redirects are not followed, because whoever redirects would choose the server
    /// that the certificate is shown to.
    public func makeHTTPConfiguration() -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(Int64(timeoutSeconds))))
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// Runs the body with a client of this identity, and shuts the client down. Where the key fails in a handshake, what the
    /// client throws is the key's `KeyStoreError`.
    public func withHTTPClient<Result>(
        eventLoopGroup: any EventLoopGroup = HTTPClient.defaultEventLoopGroup,
        isolation: isolated (any Actor)? = #isolation, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        try await HTTPClient.withHTTPClient(
            eventLoopGroup: eventLoopGroup, configuration: makeHTTPConfiguration(), isolation: isolation, body)
    }

    /// How many sessions are open on the token now.
    public var sessionCount: Int { get async { await pool.sessionCount } }

    /// Closes the key's sessions, and the store if it was opened for this identity. Connections that stand already stay;
    /// handshakes fail from then on.
    public func close() async { await pool.close() }
}
