import KeyStoreCore
import KeyStoreLoader
import KeyStoreTesting
import Testing

/// The in-memory backend through a loaded library.
struct MemoryPluginTests {
    @Test func theInMemoryBackendConformsThroughTheLoadedLibrary() async throws {
        let subject = KeyStoreConformance.Subject(
            everyKey: try KeyStoreURI("memory:conformance"),
            limits: [
                .signingDigests(.rsa(bits: 2048)), .signingDigests(.rsa(bits: 3072)), .signingDigests(.rsa(bits: 4096)),
                .decrypting(.rsa(bits: 2048), .rsaOAEPSHA384), .decrypting(.rsa(bits: 2048), .rsaOAEPSHA512),
            ],
            open: { try await TestPlugins.loader().open("memory:conformance") },
            uri: { try KeyStoreURI("memory:conformance;object=\($0)") })
        for outcome in await KeyStoreConformance(subject).run() { #expect(outcome.failure == nil, "\(outcome)") }
    }

    @Test func aTokenIsAdministeredThroughTheLoadedLibrary() async throws {
        let store = try await TestPlugins.loader().open("memory:administered")
        let administration = try #require(store.administration)
        let secrets = Secrets([:])
        let new = try await administration.reset(pin: secrets.source)
        #expect(new.flags.isSuperset(of: [.pinDefault, .pukDefault, .managementKeyDefault]))
        #expect(secrets.asked.isEmpty)

        secrets.answers = [
            .pin: "123456", .newPIN: "654321", .puk: "12345678", .newPUK: "87654321",
            .managementKey: String(repeating: "0102030405060708", count: 3),
            .newManagementKey: String(repeating: "ab", count: 32),
        ]
        try await administration.changePIN(of: .user, pin: secrets.source)
        try await administration.changePIN(of: .puk, pin: secrets.source)
        try await administration.changeManagementKey(algorithm: "AES256", pin: secrets.source)
        #expect(secrets.asked == [.pin, .newPIN, .puk, .newPUK, .managementKey, .newManagementKey])
        var token = try #require(try await store.tokens().first)
        #expect(token.flags.isDisjoint(with: [.pinDefault, .pukDefault, .managementKeyDefault]))

        // The old PUK, until it is locked.
        for triesLeft in [2, 1, 0] {
            let error = await #expect(throws: KeyStoreError.self) {
                try await administration.unblockPIN(pin: secrets.source)
            }
            #expect(error?.code == .pinIncorrect && error?.triesLeft == triesLeft)
        }
        await #expect(throws: KeyStoreError(.pinLocked, "")) {
            try await administration.unblockPIN(pin: secrets.source)
        }
        token = try #require(try await store.tokens().first)
        #expect(token.flags.contains(.pukLocked))

        secrets.answers[.managementKey] = secrets.answers[.newManagementKey]
        secrets.answers[.pin] = "654321"
        try await administration.setRetries(pinTries: 7, pukTries: 9, pin: secrets.source)
        token = try #require(try await store.tokens().first)
        #expect(token.triesLeft == 7 && token.flags.isSuperset(of: [.pinDefault, .pukDefault]))
        await #expect(throws: KeyStoreError(.invalidData, "")) {
            try await administration.setRetries(pinTries: -1, pukTries: 3, pin: secrets.source)
        }
        await #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
            try await administration.changeManagementKey(algorithm: "ROT13", pin: secrets.source)
        }
        await #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try await administration.changePIN(of: .securityOfficer, pin: secrets.source)
        }
    }

    @Test func whatIsKnownOfAKeyAndWhatItIsProtectedByCrosses() async throws {
        let loader = TestPlugins.loader()
        let session = try await loader.open("memory:described").openSession(
            SessionOptions(isWritable: true), pin: .none)
        let policies = try #require(session.policies)
        let uri = try KeyStoreURI("memory:described;object=a")
        let key = try await policies.generateKey(
            .ecP256, options: NewKeyOptions(pinPolicy: .never, touchPolicy: .cached), at: uri)
        #expect(key.info.protection == .touch)
        let properties = try await session.keys(matching: uri).first?.properties
        #expect(
            properties == [
                .init(name: "origin", value: "generated"), .init(name: "pin-policy", value: "never"),
                .init(name: "touch-policy", value: "cached"),
            ])
    }
}
