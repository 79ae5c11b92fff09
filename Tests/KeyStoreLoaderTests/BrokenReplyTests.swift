import KeyStoreCore
import KeyStoreLoader
import Testing

/// A plugin whose table is right and whose answers are not. Each fault ends in its code, and leaves nothing open.
struct BrokenReplyTests {
    @Test(arguments: [
        ("describe-nothing", 60), ("describe-silent-error", 1), ("describe-unknown-code", 4711),
        ("describe-no-context", 60), ("describe-null", 60), ("describe-small", 60), ("describe-missing-attributes", 60),
        ("describe-huge-count", 60), ("describe-no-uri", 60), ("describe-not-utf8", 60), ("describe-long-text", 60),
        ("describe-twice", 60), ("describe-foreign-message", 1), ("open-no-store", 60), ("open-refuses-library", 4),
    ])
    func aStoreThatIsDescribedOrOpenedWronglyIsAnError(_ fault: String, _ code: Int32) throws {
        try expect(code) { _ = try BrokenPlugin.openBlocking(BrokenPlugin.reference(fault)) }
    }

    @Test(arguments: [
        ("token-small", 60), ("token-not-utf8", 60), ("token-huge-label", 60), ("token-missing-label", 60),
        ("token-no-uri", 60), ("tokens-without-end", 60),
    ])
    func aTokenThatCannotBeIsInvalidReply(_ fault: String, _ code: Int32) throws {
        let store = try BrokenPlugin.openBlocking(BrokenPlugin.reference(fault))
        try expect(code) { _ = try store.tokens() }
    }

    @Test(arguments: [
        ("session-none", 60), ("session-token-none", 60), ("session-token-twice", 60), ("session-token-error", 12),
        ("session-long-message", 50), ("token-no-context", 60), ("token-null", 60), ("token-small", 60),
    ])
    func aSessionThatCannotBeIsAnErrorAndIsClosed(_ fault: String, _ code: Int32) throws {
        let reference = BrokenPlugin.reference(fault)
        do {
            let store = try BrokenPlugin.openBlocking(reference)
            try expect(code) { _ = try store.openSession(pin: .none) }
        }
        guard !fault.hasPrefix("token-") else { return }
        #expect(try BrokenPlugin.counts(reference) == .none)
    }

    @Test(arguments: [
        "key-small", "key-long-label", "key-long-uri", "key-long-public-key", "key-not-utf8", "key-uri-white-space",
        "key-unknown-type", "key-huge-rsa", "key-other-type-of-public-key", "key-garbage-public-key",
        "key-missing-algorithms", "key-huge-algorithm-count", "key-too-many-algorithms", "key-missing-id",
    ])
    func aKeyThatIsDescribedWronglyIsInvalidReplyAndIsClosed(_ fault: String) throws {
        let reference = BrokenPlugin.reference(fault)
        do {
            let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
            let uri = try KeyStoreURI(reference)
            try expect(60) { _ = try session.keys() }
            try expect(60) { _ = try session.key(at: uri) }
            try expect(60) { _ = try session.generateKey(.ecP256, at: uri) }
            #expect(try BrokenPlugin.counts(reference).keys == 0)
        }
        #expect(try BrokenPlugin.counts(reference) == .none)
    }

    @Test(arguments: [
        ("find-twice", 60), ("find-no-key", 60), ("find-no-info", 60), ("find-unknown-code", -5), ("key-null", 60),
        ("key-no-context", 60),
    ])
    func aKeyThatIsHandedOverWronglyIsAnErrorAndIsClosed(_ fault: String, _ code: Int32) throws {
        let reference = BrokenPlugin.reference(fault)
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        try expect(code) { _ = try session.key(at: try KeyStoreURI(reference)) }
        try expect(code) { _ = try session.generateKey(.ecP256, at: try KeyStoreURI(reference)) }
        #expect(try BrokenPlugin.counts(reference).keys == 0)
    }

    @Test func aKeyOfAnotherTypeThanAskedForIsInvalidReply() throws {
        let reference = BrokenPlugin.reference("ok")
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        try expect(60) { _ = try session.generateKey(.ed25519, at: try KeyStoreURI(reference)) }
        #expect(try BrokenPlugin.counts(reference).keys == 0)
    }

    @Test(arguments: [
        ("key-small", 60), ("find-twice", 60), ("find-no-key", 60), ("find-no-info", 60), ("policy-unknown-code", 4711),
    ])
    func aKeyWithPoliciesThatIsHandedOverWronglyIsAnErrorAndIsClosed(_ fault: String, _ code: Int32) throws {
        let reference = BrokenPlugin.reference(fault)
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        let uri = try KeyStoreURI(reference)
        try expect(code) { _ = try session.generateKey(.ecP256, options: NewKeyOptions(), at: uri) }
        #expect(try BrokenPlugin.counts(reference).keys == 0)
    }

    @Test func aKeyWithPoliciesOfAnotherTypeOrWhereNoneAreImportedIsAnError() throws {
        let reference = BrokenPlugin.reference("ok")
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        let uri = try KeyStoreURI(reference)
        try expect(60) { _ = try session.generateKey(.ed25519, options: NewKeyOptions(), at: uri) }
        #expect(try session.generateKey(.ecP256, options: NewKeyOptions(), at: uri).info.type == .ecP256)
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try session.importKey(pem: try PIN("x"), options: NewKeyOptions(), at: uri)
        }
    }

    @Test(arguments: [
        ("attest-none", 60), ("attest-huge", 60), ("attest-without-end", 60), ("attest-silent-error", 42),
    ])
    func anAttestationThatCannotBeIsAnError(_ fault: String, _ code: Int32) throws {
        let reference = BrokenPlugin.reference(fault)
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        try expect(code) { _ = try session.attestation(at: try KeyStoreURI(reference)) }
    }

    @Test(arguments: [("move-none", 60), ("move-twice", 60), ("key-small", 60), ("move-silent-error", 22)])
    func aMovedKeyThatIsDescribedWronglyIsAnError(_ fault: String, _ code: Int32) throws {
        let reference = BrokenPlugin.reference(fault)
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        let uri = try KeyStoreURI(reference)
        try expect(code) { _ = try session.moveKey(at: uri, to: uri) }
    }

    /// Minor version 1 ended before the functions for PUKs and management keys.
    @Test func whatAnOlderPluginsTableDoesNotReachIsNotCalled() throws {
        let store = try BrokenPlugin.openBlocking("broken:ok")
        try store.changePIN(of: .user, pin: .none)
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try store.reset(pin: .none) }
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try store.setRetries(pinTries: 3, pukTries: 3, pin: .none)
        }
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try store.changeManagementKey(algorithm: nil, pin: .none)
        }
        // Its reserved field is 0 where a key is to sign, as it always was.
        let session = try BrokenPlugin.openBlocking("broken:generate-strict").openSession(pin: .none)
        #expect(try session.generateKey(.ecP256, at: try KeyStoreURI("broken:generate-strict")).info.type == .ecP256)
    }

    @Test func aListingGoesOnInVainWhenTheHostHasSeenEnough() throws {
        let session = try BrokenPlugin.openBlocking("broken:keys-deaf").openSession(pin: .none)
        var seen = 0
        try session.forEachKey { _ in
            seen += 1
            return false
        }
        #expect(seen == 1)
    }

    @Test func aKeyThatTheHostDoesNotKnowIsListedWithoutItsType() throws {
        let session = try BrokenPlugin.openBlocking("broken:key-other").openSession(pin: .none)
        let keys = try session.keys()
        #expect(keys.count == 1 && keys[0].type == nil && keys[0].publicKey == nil)
    }

    @Test(arguments: [("public-key-none", 60), ("public-key-cut", 60), ("public-key-huge", 60)])
    func aPublicKeyThatCannotBeIsInvalidReply(_ fault: String, _ code: Int32) throws {
        let session = try BrokenPlugin.openBlocking(BrokenPlugin.reference(fault)).openSession(pin: .none)
        let uri = try KeyStoreURI("broken:\(fault)")
        try expect(code) { _ = try session.publicKey(at: uri) }
        try expect(code) { _ = try session.key(at: uri).publicKey() }
    }

    @Test func aPublicKeyOfAnotherTypeThanTheKeysIsInvalidReply() throws {
        let session = try BrokenPlugin.openBlocking("broken:public-key-other").openSession(pin: .none)
        try expect(60) { _ = try session.key(at: try KeyStoreURI("broken:public-key-other")).publicKey() }
    }

    @Test(arguments: [
        ("sign-none", 60), ("sign-twice", 60), ("sign-long", 60), ("sign-huge", 60), ("sign-missing", 60),
        ("sign-empty", 60), ("sign-raw", 60), ("sign-no-context", 60), ("sign-silent-error", 12),
        ("sign-unknown-code", 999),
    ])
    func aSignatureThatCannotBeIsAnErrorAndTheSessionStaysUsable(_ fault: String, _ code: Int32) throws {
        let reference = BrokenPlugin.reference(fault)
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        let key = try session.key(at: try KeyStoreURI(reference))
        for _ in 0..<3 { try expect(code) { _ = try key.sign(.message([1]), using: .ecdsaP256SHA256) } }
        #expect(try session.keys().count == 1)
    }

    @Test func whatTheKeyDoesNotSignIsNotAskedOfThePlugin() throws {
        let session = try BrokenPlugin.openBlocking("broken:sign-silent-error").openSession(pin: .none)
        let key = try session.key(at: try KeyStoreURI("broken:sign-silent-error"))
        try expect(40) { _ = try key.sign(.message([1]), using: .ed25519) }
        try expect(40) { _ = try key.sign(.digest([1]), using: .rsaPSSSHA256) }
        for count in [0, 31, 33] {
            try expect(62) { _ = try key.sign(.digest([UInt8](repeating: 0, count: count)), using: .ecdsaP256SHA256) }
        }
    }

    @Test func garbageFromThePluginIsRefusedByTheHost() throws {
        let session = try BrokenPlugin.openBlocking("broken:sign-host-garbage").openSession(
            pin: .value(try PIN("1234")))
        let key = try session.key(at: try KeyStoreURI("broken:sign-host-garbage"))
        // Fails in the plugin if the host took any of it.
        #expect(try key.sign(.message([1]), using: .ecdsaP256SHA256).count == 8)
    }

    @Test func whatASuccessfulCallLeftInTheErrorStorageIsNotReportedLater() throws {
        let store = try BrokenPlugin.openBlocking("broken:leftover-error")
        #expect(try store.tokens().count == 1)
        let error = #expect(throws: KeyStoreError.self) { try store.openSession(pin: .none) }
        #expect(error?.code == .busy)
        #expect(error?.message == "no reason was given")
    }

    @Test func anErrorWithoutAMessageSaysSoAndAnEndlessOneIsCut() throws {
        let silent = #expect(throws: KeyStoreError.self) {
            try BrokenPlugin.openBlocking("broken:describe-silent-error")
        }
        #expect(silent?.message == "no reason was given" && silent?.operation == "read reference")
        let store = try BrokenPlugin.openBlocking("broken:session-long-message")
        let long = #expect(throws: KeyStoreError.self) { try store.openSession(pin: .none) }
        #expect(long?.message.utf8.count == 16384 && long?.native?.domain.utf8.count == 32)
    }

    /// That the body throws this code, with a message, what was being done, and no secret.
    private func expect(
        _ code: Int32, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) throws {
        let error = #expect(throws: KeyStoreError.self, sourceLocation: sourceLocation) { try body() }
        #expect(error?.code.rawValue == code, "\(error.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
        #expect(error?.message.isEmpty == false && error?.operation.isEmpty == false, sourceLocation: sourceLocation)
    }
}
