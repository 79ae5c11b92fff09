import KeyStoreCore
import KeyStoreTLS
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

struct TLSPrivateKeyTests {
    /// Connects with a key, reads the greeting, and returns what the key was used for.
    private func connect(
        _ key: any Key, _ version: TLSVersion, verifies accepted: [NIOSSL.SignatureAlgorithm]?,
        algorithms: [KeyStoreCore.SignatureAlgorithm]? = nil, raisesLimit: Bool = false,
        trusting roots: (LoopbackServer) -> [[UInt8]] = { [$0.certificate] }
    ) async throws -> [TLSPrivateKey.Use] {
        let certificates = try await SelfSigned.client(key)
        let server = try await LoopbackServer(version, verifies: accepted, client: certificates.authority)
        let box = Uses()
        let tlsKey = TLSPrivateKey(
            key, publicKey: try await key.publicKey(), algorithms: algorithms ?? key.info.algorithms
        ) { box.append($0) }
        var configuration = try TLSConfiguration.makeKeyStoreClient(
            trustRoots: roots(server), chain: [certificates.leaf, certificates.authority], key: tlsKey)
        if raisesLimit { configuration.maximumTLSVersion = nil }
        let context = try NIOSSLContext(configuration: configuration)
        let greeted = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: nil))
                    try channel.pipeline.syncOperations.addHandler(GreetingReader(greeted))
                }
            }
            .connect(host: "127.0.0.1", port: server.port).get()
        let result: Result<Void, any Error>
        do {
            try await greeted.futureResult.get()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try? await channel.close()
        try await server.close()
        if case .failure(let error) = result { throw Failed(error: error, uses: box.all) }
        return box.all
    }

    @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
    func anAuthorityThatExpiredStandsInTheWayOfNoneWithItsNameAndKey(_ version: TLSVersion) async throws {
        let key = try await MemoryKeys.make(.ecP256)
        for isFirst in [true, false] {
            let uses = try await connect(key, version, verifies: nil) { server in
                isFirst ? [server.previous, server.certificate] : [server.certificate, server.previous]
            }
            #expect(uses.count == 1)
        }
        await #expect(throws: Failed.self) { try await connect(key, version, verifies: nil) { [$0.previous] } }
    }

    @Test(arguments: MemoryKeys.types, [TLSVersion.tlsv12, .tlsv13])
    func everyKeyTypeAuthenticatesAClient(_ type: KeyType, _ version: TLSVersion) async throws {
        let key = try await MemoryKeys.make(type)
        let uses = try await connect(key, version, verifies: TLSConfiguration.keyStoreVerificationAlgorithms)
        #expect(uses.count == 1)
        #expect(uses.first?.tlsVersion == version)
        #expect(uses.first?.failure == nil)
        #expect(uses.first.map { type.algorithms.contains($0.algorithm) } == true)
    }

    @Test(arguments: [KeyType.ecP521, .ed25519], [TLSVersion.tlsv12, .tlsv13])
    func aServerWithBoringSSLsOwnListAcceptsNeitherP521NorEd25519(
        _ type: KeyType, _ version: TLSVersion
    ) async throws {
        let key = try await MemoryKeys.make(type)
        await #expect(throws: Failed.self) { try await connect(key, version, verifies: nil) }
    }

    @Test func anRSAKeyWithoutPSSIsLimitedToTLS12() async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let accepted = TLSConfiguration.keyStoreVerificationAlgorithms
        let uses = try await connect(key, .tlsv12, verifies: accepted, algorithms: [.rsaPKCS1SHA256])
        #expect(uses.first?.algorithm == .rsaPKCS1SHA256)
        await #expect(throws: Failed.self) {
            try await connect(key, .tlsv13, verifies: accepted, algorithms: [.rsaPKCS1SHA256])
        }
        // The limit is no mere caution: without it the handshake fails, as TLS 1.3 has no use for PKCS#1 v1.5.
        await #expect(throws: Failed.self) {
            try await connect(key, .tlsv13, verifies: accepted, algorithms: [.rsaPKCS1SHA256], raisesLimit: true)
        }
    }

    @Test func whatTheKeyFailsWithIsToldAlthoughTheHandshakeHidesIt() async throws {
        let key = AlteredKey(
            base: try await MemoryKeys.make(.ecP256), failure: KeyStoreError(.pinIncorrect, "the PIN is wrong"))
        let failed = try await #require(
            throws: Failed.self, performing: { try await connect(key, .tlsv13, verifies: nil) })
        #expect(failed.uses.map(\.failure?.code) == [.pinIncorrect])
    }

    @Test func algorithmsThatDoNotFitTheKeyAreNotOffered() async throws {
        let key = try await MemoryKeys.make(.ecP256)
        let tlsKey = TLSPrivateKey(
            key, publicKey: try await key.publicKey(), algorithms: [.ed25519, .ecdsaP256SHA256, .rsaPSSSHA256])
        #expect(tlsKey.signatureAlgorithms == [.ecdsaSecp256R1Sha256])
    }

    @Test func theOrderOfTheAlgorithmsIsKept() async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let tlsKey = TLSPrivateKey(
            key, publicKey: try await key.publicKey(), algorithms: [.rsaPKCS1SHA512, .rsaPSSSHA256])
        #expect(tlsKey.signatureAlgorithms == [.rsaPkcs1Sha512, .rsaPssRsaeSha256])
        #expect(tlsKey.canUseTLS13)
    }

    @Test func equalityIsThatOfPublicKeyAndAlgorithms() async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let publicKey = try await key.publicKey()
        let all = TLSPrivateKey(key, publicKey: publicKey, algorithms: key.info.algorithms)
        let same = TLSPrivateKey(key, publicKey: publicKey, algorithms: key.info.algorithms) { _ in }
        let fewer = TLSPrivateKey(key, publicKey: publicKey, algorithms: [.rsaPSSSHA256])
        #expect(all == same)
        #expect(all.hashValue == same.hashValue)
        #expect(all != fewer)
    }

    @Test func decryptingIsRefused() async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let tlsKey = TLSPrivateKey(key, publicKey: try await key.publicKey(), algorithms: key.info.algorithms)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        await #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try await tlsKey.decrypt(channel: channel, data: ByteBuffer(bytes: [1])).get()
        }
        try await channel.close()
    }

    @Test func aSignatureIsNotWaitedForAfterTheConnectionIsClosed() async throws {
        let key = WaitingKey(base: try await MemoryKeys.make(.ecP256))
        let tlsKey = TLSPrivateKey(key, publicKey: try await key.publicKey(), algorithms: key.info.algorithms)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let signature = channel.eventLoop.flatSubmit {
            tlsKey.sign(channel: channel, algorithm: .ecdsaSecp256R1Sha256, data: ByteBuffer(bytes: [1]))
        }
        try await channel.close()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await signature.get() }
    }

    @Test func aTrustedCertificateThatIsNoneIsRefused() {
        #expect(throws: KeyStoreError(.invalidData, "")) {
            try TLSConfiguration.makeKeyStoreClient(trustRoots: [[1, 2, 3]])
        }
    }

    /// A connection that came to nothing.
    private struct Failed: Error {
        let error: any Error
        let uses: [TLSPrivateKey.Use]
    }

    /// Collects what the observer is told.
    private final class Uses: Sendable {
        private let list = Mutex<[TLSPrivateKey.Use]>([])
        var all: [TLSPrivateKey.Use] { list.withLock { $0 } }
        func append(_ use: TLSPrivateKey.Use) { list.withLock { $0.append(use) } }
    }
}

/// Keeps its promise when a greeting arrives.
private final class GreetingReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { promise.succeed() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}
