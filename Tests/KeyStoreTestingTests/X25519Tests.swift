import KeyStoreCore
import KeyStoreTesting
import Testing

@testable import KeyStorePlugin

/// X25519 keys where backends and hosts meet, beyond what the conformance suite proves of a backend.
struct X25519Tests {
    /// A private key (RFC 8410 §10.3 has it as an Ed25519 one), made for X25519.
    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----
        """

    private func key(_ way: Way, _ token: String) async throws -> any Key {
        InMemoryBackend.setPIN(FaultyBackend.rightPIN, ofToken: token)
        let store = try await way.open(FaultyBackend.self, OpenRequest(uri: try KeyStoreURI("memory:\(token)")))
        let session = try await store.openSession(
            SessionOptions(isWritable: true), pin: .value(try PIN(FaultyBackend.rightPIN)))
        let importing = try #require(session.importing)
        return try await importing.importKey(
            pem: try PIN(Self.pem), purpose: .agree, at: try KeyStoreURI("memory:\(token);object=a"))
    }

    @Test(arguments: Way.allCases)
    func aKeyOnItsWayThroughTheTableStaysWhatItIs(_ way: Way) async throws {
        let key = try await key(way, "none-x25519-\(way)")
        #expect(key.info.type == .x25519 && key.info.canAgree && key.info.algorithms.isEmpty)
        #expect(try await key.publicKey().type == .x25519)
        let secret = try await key.agreeing?.sharedSecret(with: try await key.publicKey())
        #expect(secret?.count == 32)
        await #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
            try await key.sign(.message([1]), using: .ed25519)
        }
    }

    @Test func aSecretOfZerosIsNotHandedOnWhoeverMadeIt() async throws {
        let key = try await key(.table, "sharesZeros-x25519")
        let agreeing = try #require(key.agreeing)
        let peer = try await key.publicKey()
        await #expect(throws: KeyStoreError(.invalidData, "")) { try await agreeing.sharedSecret(with: peer) }
    }

    @Test func anOlderHostIsToldOfAKeyOfAnotherType() throws {
        #expect(!HostVersion.knowsX25519(0) && !HostVersion.knowsX25519(2) && HostVersion.knowsX25519(3))
        let der = [0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x6E, 3, 0x21, 0] + [UInt8](repeating: 9, count: 32)
        let info = KeyInfo(
            uri: try KeyStoreURI("x:a"), type: .x25519, label: "a", publicKey: try PublicKey(der: der), canAgree: true,
            protection: .login)
        #expect(info.readable(knowingX25519: true) == info)
        let old = info.readable(knowingX25519: false)
        #expect(old.type == nil && old.publicKey == nil && !old.canAgree)
        #expect(old.uri == info.uri && old.label == "a" && old.protection == .login)
        let other = KeyInfo(uri: try KeyStoreURI("x:b"), type: .ecP256, canAgree: true)
        #expect(other.readable(knowingX25519: false) == other)
    }
}
