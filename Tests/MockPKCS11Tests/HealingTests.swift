import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import PKCS11KeyStore
import Testing

/// Tokens, sessions and logins that end while they are used.
struct HealingTests {
    static let words = [
        "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT", "CKR_DEVICE_ERROR", "CKR_GENERAL_ERROR",
        "CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_CLOSED",
    ]

    @Test(arguments: words)
    func aTokenThatIsGoneIsRemovedAndSignsAgainWhenItIsBack(word: String) throws {
        let open = try OpenMock()
        let key = try open.key()
        #expect(try key.signsValidly(by: KnownKeys.first))
        try open.module.run("vanish \(word)")
        for _ in 0..<2 { #expect(try failure { try key.sign(message) }.code == .tokenRemoved) }
        try open.module.run("appear")
        for _ in 0..<2 { #expect(try key.signsValidly(by: KnownKeys.first)) }
        #expect(try open.list().map(\.label) == ["key"])
        #expect(open.module.value("C_Login") == 2)
        #expect(open.module.value("wrong-pins") == 0)
        #expect(open.module.violations == [])
    }

    @Test(arguments: words)
    func aTokenThatIsGoneAndBackInAnOperationIsNotNoticedByTheCaller(word: String) throws {
        let open = try OpenMock()
        let key = try open.key()
        for function in ["C_SignInit", "C_Sign"] {
            try open.module.run("on \(function) 1 vanish \(word)\nafter \(function) 1 appear")
            #expect(try key.signsValidly(by: KnownKeys.first), "\(function)")
        }
        try open.module.run("on C_FindObjects 1 vanish \(word)\nafter C_FindObjects 1 appear")
        #expect(try open.list().map(\.label) == ["key"])
        #expect(open.module.value("wrong-pins") == 0)
    }

    @Test(arguments: ["end-sessions CKR_SESSION_HANDLE_INVALID", "end-sessions CKR_SESSION_CLOSED", "logout"])
    func whatEndsBehindTheCallersBackIsBegunAgain(script: String) throws {
        let open = try OpenMock()
        let key = try open.key()
        for round in 1...3 {
            try open.module.run(script)
            #expect(try key.signsValidly(by: KnownKeys.first))
            #expect(open.module.value("C_Login") == 1 + round)
        }
        try open.module.run(script)
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        try open.module.run(script)
        #expect(try open.session.generateKey(.ecP256, at: try open.uri("object=new")).signsValidly())
        #expect(open.module.value("wrong-pins") == 0)
    }

    @Test(arguments: words)
    func aModuleThatIsDeadAndAliveAgainSigns(word: String) throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("die \(word)")
        #expect(try failure { try key.sign(message) }.code == .tokenRemoved)
        try open.module.run("revive")
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    @Test func aModuleThatForgotItsInitialisationIsInitialisedAgain() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("initialised off")
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    // MARK: Something else than before

    @Test func anotherTokenInTheSlotIsAChangedIdentityAndIsSentNoPIN() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("vanish CKR_DEVICE_REMOVED\nserial 0000000000000002\nappear")
        #expect(try failure { try key.sign(message) }.code == .identityChanged)
        #expect(try failure { try open.key() }.code == .identityChanged)
        #expect(try failure { try open.list() }.code == .identityChanged)
        #expect(open.module.value("C_Login") == 1)
        // And the first one again, which the person has found meanwhile.
        try open.module.run("vanish CKR_DEVICE_REMOVED\nserial 0000000000000001\nappear")
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    @Test(
        arguments: ["vanish CKR_DEVICE_REMOVED", "vanish CKR_GENERAL_ERROR", "logout", "end-sessions"], [false, true])
    func anotherKeyUnderTheSameNameNeverSigns(loss: String, publicKeyIsKnown: Bool) throws {
        let open = try OpenMock()
        let key = try open.key()
        if publicKeyIsKnown { _ = try key.publicKey() }
        let isBack = loss.hasPrefix("vanish") ? "appear" : ""
        try open.module.run("\(loss)\nremove any\nkey P-256 label=key id=01 seed=2\n\(isBack)")
        #expect(try failure { try key.sign(message) }.code == .identityChanged)
        #expect(try failure { try key.sign(message) }.code == .identityChanged)
        // Whoever asks for the key anew gets it.
        #expect(try open.key().signsValidly(by: KnownKeys.publicKey(seed: 2)))
    }

    @Test func anotherKeyWithACertificateUnderTheSameNameNeverSigns() throws {
        let options = "label=key id=01 public=no certificate=yes"
        let open = try OpenMock(script: "remove any\nkey P-256 \(options) seed=1")
        let key = try open.key()
        try open.module.run("vanish\nremove any\nkey P-256 \(options) seed=2\nappear")
        #expect(try failure { try key.sign(message) }.code == .identityChanged)
    }

    @Test func anotherRSAKeyUnderTheSameNameNeverSigns() throws {
        let open = try OpenMock(script: "remove any\nkey RSA-2048 label=key id=01 seed=1")
        let key = try open.key()
        try open.module.run("end-sessions\nremove any\nkey RSA-2048 label=key id=01 seed=2")
        #expect(try failure { try key.sign(message, .rsaPKCS1SHA256) }.code == .identityChanged)
    }

    @Test func aKeyThatIsGoneWhenTheTokenIsBackIsNoSuchKey() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("vanish\nremove any\nappear")
        #expect(try failure { try key.sign(message) }.code == .noSuchKey)
    }

    @Test func aSecondKeyUnderTheSameNameStopsTheFirst() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("end-sessions\nkey P-256 label=key id=01 seed=2")
        let error = try failure { try key.sign(message) }
        #expect([.identityChanged, .ambiguousKey].contains(error.code), "\(error)")
    }

    @Test(arguments: ["CKA_LABEL", "CKA_ID"])
    func aKeyWithoutALabelOrIDIsFoundAgain(missing: String) throws {
        let open = try OpenMock(script: "attribute any \(missing) remove")
        let key = try open.key(missing == "CKA_LABEL" ? "id=%01" : "object=key")
        try open.module.run("end-sessions")
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    @Test func aTokenThatIsBackInAnotherSlotIsFound() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("vanish\nslot-id 9\nappear")
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    @Test func sessionNumbersThatAreGivenAgainAreNotMistaken() throws {
        let open = try OpenMock(script: "reuse-sessions on\nhandles stable\nkey P-256 label=other id=02 seed=2")
        let (key, other) = (try open.key(), try open.key("object=other"))
        try open.module.run(
            "end-sessions\nremove any\nkey P-256 label=other id=02 seed=2\nkey P-256 label=key id=01 seed=1")
        #expect(try key.signsValidly(by: KnownKeys.first))
        #expect(try other.signsValidly(by: KnownKeys.publicKey(seed: 2)))
    }

    @Test(arguments: ["C_SignInit", "C_Sign"], ["serial", "key", "pin"])
    func whatIsExchangedInAnOperationSignsNothing(function: String, exchange: String) throws {
        let open = try OpenMock()
        let key = try open.key()
        let commands = [
            "serial": ["serial 0000000000000002"], "key": ["remove any", "key P-256 label=key id=01 seed=2"],
            "pin": ["pin 999999"],
        ]
        let exchanged = try #require(commands[exchange]).map { "after \(function) 1 \($0)" }.joined(separator: "\n")
        try open.module.run(
            "on \(function) 1 vanish CKR_DEVICE_REMOVED\n\(exchanged)\nafter \(function) 1 appear")
        let code: KeyStoreError.Code = exchange == "pin" ? .pinIncorrect : .identityChanged
        for _ in 0..<2 { #expect(try failure { try key.sign(message) }.code == code) }
        if exchange == "serial" { #expect(open.module.value("C_Login") == 1) }
        #expect(open.module.value("wrong-pins") <= 1)
        #expect(open.module.successes("C_Sign") == 0)
        #expect(open.module.violations == [])
    }

    @Test(arguments: ["signature seed 2", "signature corrupt"], ["", "end-sessions", "logout", "vanish\nappear"])
    func aTokenWhoseFirstSignatureIsNotByTheKeyGivesNone(signature: String, loss: String) throws {
        for type in ["P-256", "P-521", "Ed25519", "RSA-2048"] {
            let open = try OpenMock(script: "remove any\nkey \(type) label=key id=01 seed=5")
            let key = try open.key()
            let judge = KnownKeys.publicKey(type, seed: 5)
            for algorithm in key.info.algorithms {
                // Found and lost, or found just now.
                if !loss.isEmpty { #expect(try key.signsValidly(by: judge, algorithm)) }
                try open.module.run("\(loss)\n\(signature)")
                let asked = loss.isEmpty ? try open.key() : key
                for _ in 0..<2 {
                    let error = try failure { try asked.sign(message, algorithm) }
                    #expect(error.code == .invalidReply, "\(type) \(algorithm): \(error)")
                }
                try open.module.run("signature plain")
                #expect(try asked.signsValidly(by: judge, algorithm), "\(type) \(algorithm)")
            }
        }
    }

    @Test func theFirstSignatureOfADigestIsVerifiedToo() throws {
        let open = try OpenMock(script: "signature seed 2")
        let key = try open.key()
        let digest = [UInt8](repeating: 7, count: 32)
        func sign() throws -> [UInt8] {
            try digest.withUnsafeBytes { try key.sign($0, form: .digest, using: .ecdsaP256SHA256) }
        }
        #expect(try failure { try sign() }.code == .invalidReply)
        try open.module.run("signature plain")
        #expect(KnownKeys.first.isValidSignature(try sign(), of: .digest(digest), using: .ecdsaP256SHA256))
    }

    // MARK: PINs

    @Test func aPINThatIsWrongWhenTheTokenIsBackIsSentOnce() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("vanish\npin 999999\nappear")
        for _ in 0..<3 { #expect(try failure { try key.sign(message) }.code == .pinIncorrect) }
        #expect(open.module.value("wrong-pins") == 1)
        #expect(open.module.value("repeated-wrong-pins") == 0)
    }

    @Test func aTokenThatComesBackWithOneTryLeftIsNotSentThePIN() throws {
        let open = try OpenMock()
        let key = try open.key()
        try open.module.run("vanish\ntries 3 1\nappear")
        #expect(try failure { try key.sign(message) }.code == .pinLastTry)
        #expect(open.module.value("C_Login") == 1)
    }

    @Test func aLoginThatIsNotKnownToHaveFailedIsNotMadeTwiceInOneOperation() throws {
        let open = try OpenMock(script: "after C_Login 1 return CKR_DEVICE_REMOVED")
        #expect(throws: KeyStoreError.self) { try open.key() }
        #expect(open.module.value("C_Login") == 1)
        #expect(try open.key().signsValidly(by: KnownKeys.first))
    }

    // MARK: What may not be done twice

    @Test(arguments: words)
    func aKeyIsNotMadeTwice(word: String) throws {
        let open = try OpenMock(script: "after C_GenerateKeyPair 1 return \(word)")
        #expect(throws: KeyStoreError.self) {
            try open.session.generateKey(.ecP256, at: try open.uri("object=new"))
        }
        #expect(open.module.value("C_GenerateKeyPair") == 1)
    }

    @Test(arguments: words)
    func aKeyIsNotDestroyedTwice(word: String) throws {
        let open = try OpenMock(script: "after C_DestroyObject 1 return \(word)")
        let session = try #require(open.session as? any KeyDeletingBackendSession)
        #expect(throws: KeyStoreError.self) { try session.deleteKey(at: try open.uri("object=key")) }
        #expect(open.module.value("C_DestroyObject") == 1)
        // What is left is deleted with the same reference.
        try session.deleteKey(at: try open.uri("object=key"))
        #expect(open.module.value("objects") == 0)
    }
}
