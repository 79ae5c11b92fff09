import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Synchronization
import Testing
import Threads

@testable import PKCS11KeyStore

/// What a new key is like, and what a failure leaves.
struct GenerationTests {
    @Test(arguments: KeyType.signing)
    func aNewKeySignsAndNothingElseAndCannotBeRead(type: KeyType) throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(type, at: try open.uri("id=%01"))
        let handle = try #require(
            try open.session.using { try open.session.records(3, id: key.info.id, label: nil) }.first?.handle)
        // CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN are true; CKA_EXTRACTABLE, CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE false.
        for attribute in [0x1, 0x2, 0x103, 0x108] as [UInt] {
            #expect(try open.session.using { try open.session.value(attribute, of: handle) } == [1], "\(attribute)")
        }
        for attribute in [0x162, 0x105, 0x107, 0x10C] as [UInt] {
            #expect(try open.session.using { try open.session.value(attribute, of: handle) } != [1], "\(attribute)")
        }
        #expect(try open.session.using { try open.session.value(0x11, of: handle) } == nil)
    }

    @Test func aFailureKeepsItsCauseAndLeavesNothing() throws {
        let open = try OpenToken()
        let error = try failure { try open.session.generateKey(.rsa(bits: 64), at: try open.uri("object=a")) }
        #expect(error.operation == "generate key")
        #expect(error.native?.function == "C_GenerateKeyPair")
        #expect(error.native?.name == "CKR_GENERAL_ERROR")
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.isEmpty)
    }

    @Test(arguments: [0x12, 0x13, 0x70, 0x130, 0x140, 0x62, 0xD0, 0xD1] as [UInt])
    func aTokenThatDoesNotMakeSuchKeysSaysUnsupported(result: UInt) {
        let error = PKCS11Session.refused(result, "C_GenerateKeyPair", .ecP256, during: "test")
        #expect(error.code == .unsupportedMechanism)
        #expect(error.native?.number == Int64(result))
    }

    @Test func aKeyThatReadsBackExtractableIsRefused() throws {
        let open = try OpenToken()
        try Tool.pkcs11Tool(
            open.token,
            ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01", "--label", "loose", "--extractable"])
        try open.session.using { try open.session.logIn() }
        let privateKey = try #require(try open.session.using { try open.session.records(3, id: [1], label: nil) }.first)
        let publicKey = try #require(try open.session.using { try open.session.records(2, id: [1], label: nil) }.first)
        #expect(try open.session.key(at: try open.uri("id=%01")).info.isExtractable)
        let error = try failure {
            try open.session.using {
                try open.session.takeNewKey(privateKey.handle, public: publicKey.handle, .ecP256, .sign, "test")
            }
        }
        #expect(error.code == .policyRefused)
    }

    @Test func aKeyOfAnotherTypeThanAskedForIsRefused() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("id=%01"))
        let privateKey = try #require(
            try open.session.using { try open.session.records(3, id: key.info.id, label: nil) }.first)
        let publicKey = try #require(
            try open.session.using { try open.session.records(2, id: key.info.id, label: nil) }.first)
        let error = try failure {
            try open.session.using {
                try open.session.takeNewKey(privateKey.handle, public: publicKey.handle, .ecP384, .sign, "test")
            }
        }
        #expect(error.code == .invalidReply)
    }

    @Test func twoNewKeysWithoutAnIDGetDifferentOnes() throws {
        let open = try OpenToken()
        let ids = try (0..<2).map { _ in
            try open.session.generateKey(.ecP256, at: try KeyStoreURI(open.token.uri)).info.id
        }
        #expect(ids.map(\.count) == [8, 8])
        #expect(ids[0] != ids[1])
    }

    /// CKA_SIGN, CKA_DECRYPT, CKA_DERIVE of the private key; CKA_VERIFY and CKA_ENCRYPT of the public one.
    @Test(
        arguments: [
            (.rsa(bits: 2048), .decrypt, [false, true, false], [false, true]),
            (.rsa(bits: 2048), [.sign, .decrypt], [true, true, false], [true, true]),
            (.ecP256, .agree, [false, false, true], [false, nil]),
            (.ecP256, [.sign, .agree], [true, false, true], [true, nil]),
        ] as [(KeyType, KeyPurpose, [Bool], [Bool?])])
    func aNewKeyIsForWhatItWasMadeFor(
        type: KeyType, purpose: KeyPurpose, privateUses: [Bool], publicUses: [Bool?]
    ) throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(type, purpose: purpose, at: try open.uri("id=%01"))
        try open.session.using {
            let privateKey = try #require(try open.session.records(3, id: key.info.id, label: nil).first?.handle)
            let publicKey = try #require(try open.session.records(2, id: key.info.id, label: nil).first?.handle)
            for (attribute, isSet) in zip([0x108, 0x105, 0x10C] as [UInt], privateUses) {
                #expect(try open.session.value(attribute, of: privateKey) == [isSet ? 1 : 0], "\(attribute)")
            }
            for (attribute, isSet) in zip([0x10A, 0x104] as [UInt], publicUses) {
                guard let isSet else { continue }
                #expect(try open.session.value(attribute, of: publicKey) == [isSet ? 1 : 0], "\(attribute)")
            }
        }
    }

    @Test(arguments: [KeyPurpose(), KeyPurpose(rawValue: 1 << 10), [.sign, KeyPurpose(rawValue: 8)]])
    func aPurposeThatIsNotKnownIsRefused(purpose: KeyPurpose) throws {
        let open = try OpenToken()
        let error = try failure {
            try open.session.generateKey(.ecP256, purpose: purpose, at: try open.uri("object=a"))
        }
        #expect(error.code == .unsupportedMechanism)
        #expect(open.host.requests.isEmpty)
    }
    /// Without `ObjectAccess`, SoftHSM 2.6.1 fails here in most runs.
    @Test func keysAreMadeAndDeletedWhileOthersAreLookedFor() async throws {
        let token = SoftHSM.shared.makeToken()
        let host = TestHost(pin: token.pin)
        let opens = try (0..<4).map { _ in Box(open: try OpenToken(token, host: host)) }
        _ = try opens[0].open.session.generateKey(.ecP256, at: try KeyStoreURI(token.uri("object=kept")))
        let failures = Mutex<[String]>([])
        await RealThreads.run(opens.count) { index in
            do {
                let (open, session) = (opens[index].open, opens[index].open.session)
                for turn in 0..<120 {
                    guard index < 2 else {
                        _ = try session.key(at: try open.uri("object=kept"))
                        continue
                    }
                    let uri = try open.uri("object=new-\(index)-\(turn)")
                    _ = try session.generateKey(.ecP256, at: uri)
                    try session.deleteKey(at: uri)
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
    }

    /// Each session is used by one thread.
    private struct Box: @unchecked Sendable {
        let open: OpenToken
    }
}
