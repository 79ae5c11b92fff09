import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import TemporaryFiles
import Testing
import VirtualYubiKey

/// Keys that agree with X25519, which firmware 5.7 has.
@Suite(.serialized)
struct X25519Tests {
    private static let uri = "piv:slot=9d"
    /// What stands before the 32 bytes of a public key (RFC 8410 §4).
    private static let prefix: [UInt8] = [0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x6E, 3, 0x21, 0]

    private func agreeing(_ session: any BackendSession) throws -> any AgreeingBackendKey {
        try #require(try session.key(at: KeyStoreURI(Self.uri)) as? any AgreeingBackendKey)
    }

    private func peer() throws -> PublicKey {
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "X25519"])
        return try PublicKey(der: OpenSSLCommand.publicKey(ofPEM: pem))
    }

    @Test func aKeyThatWasMadeAgreesAsOpenSSLDoesAndSignsNothing() throws {
        let bench = try Bench(.v5_7_1)
        let session = try bench.session(login: .atOnce)
        let made = try session.generateKey(.x25519, purpose: .agree, at: KeyStoreURI(Self.uri))
        #expect(made.info.type == .x25519 && made.info.canAgree && made.info.algorithms.isEmpty)
        #expect(made.info.properties.contains(.init(name: "algorithm", value: "X25519")))
        let publicKey = try made.publicKey()
        #expect(try bench.key.publicKeyDER(in: .keyManagement) == publicKey.der)
        #expect(try session.publicKey(at: KeyStoreURI(Self.uri)) == publicKey)
        try expectAgreement(of: try agreeing(session), publicKey)
        try failure { try made.sign([1], using: .ed25519) }.expect(.unsupportedMechanism)
        session.close()
    }

    @Test func aKeyFromOutsideIsThatKeyAndAgrees() throws {
        let bench = try Bench(.v5_7_1)
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "X25519"])
        let publicKey = try PublicKey(der: OpenSSLCommand.publicKey(ofPEM: pem))
        let session = try bench.session(login: .atOnce)
        let importing = try #require(session as? any KeyImportingBackendSession)
        func take(_ purpose: KeyPurpose) throws -> any BackendKey {
            try pem.withUnsafeBytes { bytes in
                Result { () throws(KeyStoreError) in
                    try importing.importKey(pem: bytes, purpose: purpose, at: try KeyStoreURI(Self.uri))
                }
            }.get()
        }
        try failure { try take(.sign) }.expect(.unsupportedMechanism)
        let key = try take(.agree)
        #expect(try key.publicKey() == publicKey)
        #expect(key.info.properties.contains(.init(name: "origin", value: "imported")))
        try expectAgreement(of: try agreeing(session), publicKey)
        session.close()
    }

    /// With keys of OpenSSL's, whose program derives the same secret on the other side.
    private func expectAgreement(of key: any AgreeingBackendKey, _ publicKey: PublicKey) throws {
        let folder = TemporaryFolder()
        try folder.write("ours", publicKey.der)
        for _ in 0..<3 {
            let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "X25519"])
            try folder.write("other", pem)
            let expected = try OpenSSLCommand.run([
                "pkeyutl", "-derive", "-inkey", folder.path("other"), "-peerkey", folder.path("ours"), "-peerform",
                "DER",
            ])
            let secret = try key.sharedSecret(with: PublicKey(der: OpenSSLCommand.publicKey(ofPEM: pem)))
            #expect(secret.count == 32 && secret.withBytes { $0.elementsEqual(expected) })
        }
    }

    /// The points of low order that are below the prime (RFC 7748 §6.1), of which two have small numbers.
    @Test func anotherKeyOfLowOrderOrOfAnotherTypeIsRefusedWithoutACommand() throws {
        let bench = try Bench(.v5_7_1)
        try bench.key.generate(.x25519, in: .keyManagement)
        let session = try bench.session(login: .atOnce)
        let key = try agreeing(session)
        let p256 = try PublicKey(der: YubiKey(firmware: .v5_7_1).generate(.p256, in: .authentication))
        let ed25519 = try PublicKey(der: YubiKey(firmware: .v5_7_1).generate(.ed25519, in: .authentication))
        let commands = try bench.commands {
            for first: UInt8 in [0, 1] {
                let der = Self.prefix + [first] + [UInt8](repeating: 0, count: 31)
                try failure { try key.sharedSecret(with: PublicKey(der: der)) }.expect(.invalidData)
            }
            for other in [p256, ed25519] {
                try failure { try key.sharedSecret(with: other) }.expect(.invalidData)
            }
        }
        #expect(commands.isEmpty)
        session.close()
    }

    @Test(arguments: [[UInt8](repeating: 0, count: 32), [UInt8](repeating: 7, count: 31), []])
    func aCardThatAnswersWithWhatIsNoSecretIsNotBelieved(_ answer: [UInt8]) throws {
        let bench = try Bench(.v5_7_1)
        try bench.key.generate(.x25519, in: .keyManagement)
        let session = try bench.session(login: .atOnce)
        let key = try agreeing(session)
        let length = UInt8(answer.count)
        bench.key.fail(atAPDU: 1, instruction: 0x87, with: .data([0x7C, length + 2, 0x82, length] + answer))
        try failure { try key.sharedSecret(with: peer()) }.expect(.invalidReply)
        #expect(try key.sharedSecret(with: peer()).count == 32)
        session.close()
    }

    @Test func aNewKeyForSigningIsRefusedBeforeTheCardIsAsked() throws {
        let bench = try Bench(.v5_7_1)
        let session = try bench.session(login: .atOnce)
        let commands = try bench.commands {
            for purpose in [KeyPurpose.sign, [.sign, .agree], .decrypt] {
                let error = try failure {
                    try session.generateKey(.x25519, purpose: purpose, at: KeyStoreURI(Self.uri))
                }
                error.expect(.unsupportedMechanism)
                #expect(error.message.contains("X25519"))
            }
        }
        #expect(commands.isEmpty)
        #expect(try bench.key.publicKeyDER(in: .keyManagement) == nil)
        session.close()
    }

    @Test func aTouchThatTheKeyWantsIsAnnouncedAndItsAbsenceIsTold() throws {
        let bench = try Bench(.v5_7_1)
        try bench.key.generate(.x25519, in: .keyManagement, touchPolicy: .always)
        let session = try bench.session(login: .atOnce)
        let key = try agreeing(session)
        #expect(try key.sharedSecret(with: peer()).count == 32)
        bench.key.touch = .denied
        try failure { try key.sharedSecret(with: peer()) }.expect(.touchTimeout)
        #expect(bench.key.touchCount == 2 && bench.key.pinTriesLeft == 3)
        session.close()
    }

    @Test func aKeyIsAttestedMovedAndDeleted() throws {
        let bench = try Bench(.v5_7_1)
        let session = try bench.session(login: .atOnce)
        let publicKey = try session.generateKey(.x25519, purpose: .agree, at: KeyStoreURI(Self.uri)).publicKey()
        let attesting = try #require(session as? any KeyAttestingBackendSession)
        let chain = try attesting.attestation(at: KeyStoreURI(Self.uri))
        #expect(chain.count == 2 && Self.holds(chain[0], publicKey.der))
        let moving = try #require(session as? any KeyMovingBackendSession)
        let moved = try moving.moveKey(at: KeyStoreURI(Self.uri), to: KeyStoreURI("piv:slot=82"))
        #expect(moved.publicKey == publicKey && moved.canAgree)
        let deleting = try #require(session as? any KeyDeletingBackendSession)
        try deleting.deleteKey(at: KeyStoreURI("piv:slot=82"))
        try failure { try session.publicKey(at: KeyStoreURI("piv:slot=82")) }.expect(.noSuchKey)
        session.close()
    }

    /// Whether some bytes stand within others.
    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: part) }
    }
}
