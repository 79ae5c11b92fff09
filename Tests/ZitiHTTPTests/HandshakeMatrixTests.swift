import AsyncHTTPClient
import ChildProcess
import KeyStoreCore
import KeyStoreTLS
import MutualTLS
import NIOCore
import NIOSSL
import Synchronization
import TemporaryFiles
import Testing
import ZitiEnrollment
import ZitiHTTP

/// Every TLS version with every kind of key in every place, with NIO's server and with OpenSSL's.
struct HandshakeMatrixTests {
    /// A key, and what is done with it.
    enum Sort: String, CaseIterable {
        case p256, p384, p521, ed25519
        case rsaPSS
        /// An RSA key whose token cannot sign with PSS.
        case rsaPKCS1

        var type: KeyType {
            switch self {
            case .p256: .ecP256
            case .p384: .ecP384
            case .p521: .ecP521
            case .ed25519: .ed25519
            case .rsaPSS, .rsaPKCS1: .rsa(bits: 2048)
            }
        }

        var algorithms: [KeyStoreCore.SignatureAlgorithm]? {
            self == .rsaPKCS1 ? [.rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512] : nil
        }

        /// What the handshake is expected to be signed with.
        var expected: KeyStoreCore.SignatureAlgorithm {
            switch self {
            case .p256: .ecdsaP256SHA256
            case .p384: .ecdsaP384SHA384
            case .p521: .ecdsaP521SHA512
            case .ed25519: .ed25519
            case .rsaPSS: .rsaPSSSHA256
            case .rsaPKCS1: .rsaPKCS1SHA256
            }
        }
    }

    private func identity(
        _ sort: Sort, _ made: KeyPlace.Made, _ authority: TestAuthority, uses: Uses
    ) async throws -> ZitiIdentity {
        let file = try TestIdentity.file(made.publicKey, authority, algorithms: sort.algorithms)
        return try await ZitiIdentity.open(file, key: made.source, options: .init(onKeyUse: { uses.append($0) }))
    }

    /// Gets the URL, and demands that the key was used once, for this version.
    private func get(_ url: String, _ identity: ZitiIdentity) async throws -> String {
        try await identity.withHTTPClient { client in
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(300))
            #expect(response.status == .ok)
            return String(buffer: try await response.body.collect(upTo: 1 << 16))
        }
    }

    @Test(arguments: KeyPlace.allCases, Sort.allCases)
    func everyKeyOpensMutualTLSInBothVersions(_ place: KeyPlace, _ sort: Sort) async throws {
        let made = try await place.make(sort.type)
        for version in [TLSVersion.tlsv12, .tlsv13] {
            let server = try await MutualServer(version)
            let uses = Uses()
            let identity = try await identity(sort, made, server.authority, uses: uses)
            if sort == .rsaPKCS1, version == .tlsv13 {
                // TLS 1.3 has no use for PKCS#1 v1.5 (RFC 8446 §4.2.3).
                await #expect(throws: (any Error).self) { try await get(server.url, identity) }
                #expect(uses.all.isEmpty)
            } else {
                #expect(try await get(server.url, identity) == "TLSv1.\(version == .tlsv13 ? 3 : 2) CN=client")
                #expect(uses.all.map(\.algorithm) == [sort.expected])
                #expect(uses.all.map(\.tlsVersion) == [version])
            }
            await identity.close()
            try await server.close()
        }
    }

    @Test(arguments: KeyPlace.allCases, Sort.allCases)
    func everyKeyOpensMutualTLSWithOpenSSL(_ place: KeyPlace, _ sort: Sort) async throws {
        let made = try await place.make(sort.type)
        for version in [TLSVersion.tlsv12, .tlsv13] where !(sort == .rsaPKCS1 && version == .tlsv13) {
            let authority = try TestAuthority()
            let server = try OpenSSLServer(authority, [version == .tlsv13 ? "-tls1_3" : "-tls1_2", "-www"])
            let uses = Uses()
            let identity = try await identity(sort, made, authority, uses: uses)
            let page = try await get(server.url, identity)
            #expect(page.contains("TLSv1.\(version == .tlsv13 ? 3 : 2)"))
            #expect(page.contains("Subject: CN = client") || page.contains("Subject: CN=client"), "\(page)")
            #expect(uses.all.map(\.algorithm) == [sort.expected])
            await identity.close()
            try server.stop()
        }
    }

    @Test func theNewestVersionCanBeLimited() async throws {
        let made = try await KeyPlace.memory.make(.ecP256)
        let server = try await MutualServer()
        let file = try TestIdentity.file(made.publicKey, server.authority)
        for (limit, expected) in [(TLSVersion.tlsv12, "TLSv1.2"), (nil, "TLSv1.3")] {
            let identity = try await ZitiIdentity.open(
                file, key: made.source, options: .init(maximumTLSVersion: limit))
            #expect(try await get(server.url, identity).hasPrefix(expected))
            await identity.close()
        }
        try await server.close()
    }

    @Test func aServerOfAnotherAuthorityIsTrustedOnlyIfThatIsGiven() async throws {
        let made = try await KeyPlace.memory.make(.ecP256)
        let server = try await MutualServer(requiresCertificate: false)
        let file = try TestIdentity.file(made.publicKey, TestAuthority())
        let stranger = try await ZitiIdentity.open(file, key: made.source)
        await #expect(throws: (any Error).self) { try await get(server.url, stranger) }
        let friend = try await ZitiIdentity.open(
            file, key: made.source, options: .init(additionalAuthorities: [server.authority.der]))
        #expect(try await get(server.url, friend) == "TLSv1.3 nobody")
        try await server.close()
    }

    /// A server that wants to negotiate anew in the middle of a connection is refused, and the key does not sign twice.
    @Test func renegotiationIsRefused() async throws {
        let made = try await KeyPlace.memory.make(.ecP256)
        let authority = try TestAuthority()
        let server = try OpenSSLServer(authority, ["-tls1_2"])
        let uses = Uses()
        let identity = try await identity(.p256, made, authority, uses: uses)
        await #expect(throws: (any Error).self) {
            try await identity.withHTTPClient { client in
                async let response = client.execute(HTTPClientRequest(url: server.url), timeout: .seconds(300))
                try await server.waitForRequest()
                server.send("R\n")
                _ = try await response
            }
        }
        #expect(uses.all.count == 1)
        try server.stop()
        await identity.close()
    }
}
