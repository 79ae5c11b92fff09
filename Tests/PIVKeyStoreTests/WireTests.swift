import KeyStoreCore
import KeyStoreLoader
import KeyStorePlugin
import KeyStoreVerification
import Testing
import VirtualYubiKey

/// What is sent to the card, and how little of it.
@Suite(.serialized)
struct WireTests {
    @Test func openingWithALoginSendsFiveCommands() throws {
        let bench = try Bench()
        let commands = try bench.commands { try bench.session(login: .atOnce).close() }
        #expect(
            commands.map { String($0.prefix(11)) } == [
                "00 A4 04 00", "00 20 00 80", "00 FD 00 00", "00 F8 00 00", "00 20 00 80",
            ])
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test func aKeyIsFoundWithOneCommandAndNothingIsEnumerated() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session()
        let commands = try bench.commands { _ = try session.key(at: KeyStoreURI("piv:slot=9c")) }
        #expect(commands.count == 1 && commands[0].hasPrefix("00 F7 00 9C"))
        session.close()
    }

    @Test func aP256SignatureWithThePINEachTimeSendsTwoCommands() throws {
        let bench = try Bench()
        let publicKey = try PublicKey(der: bench.key.generate(.p256, in: .signature))
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9c"))
        var signature: [UInt8] = []
        let commands = try bench.commands { signature = try key.sign([1, 2, 3]) }
        #expect(commands.map { String($0.prefix(11)) } == ["00 20 00 80", "00 87 11 9C"])
        #expect(publicKey.isValidSignature(signature, of: [1, 2, 3], using: .ecdsaP256SHA256))
        session.close()
    }

    @Test(arguments: [SignatureAlgorithm.rsaPKCS1SHA256, .rsaPSSSHA512])
    func anRSA2048SignatureSendsThreeCommands(_ algorithm: SignatureAlgorithm) throws {
        let bench = try Bench()
        let publicKey = try PublicKey(der: bench.key.generate(.rsa2048, in: .authentication))
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        var signature: [UInt8] = []
        let commands = try bench.commands { signature = try key.sign([1, 2, 3], using: algorithm) }
        #expect(commands.map { String($0.prefix(11)) } == ["10 87 07 9A", "00 87 07 9A", "00 C0 00 00"])
        #expect(publicKey.isValidSignature(signature, of: [1, 2, 3], using: algorithm))
        session.close()
    }

    @Test func theLoadedPluginFindsAKeyAndSigns() async throws {
        let bench = try Bench()
        let publicKey = try PublicKey(der: bench.key.generate(.p256, in: .authentication))
        let pin = PINSource.value(try PIN("123456"))
        let key = try await BackendLoader().key(at: "piv:serial=112233;slot=9a", pin: pin)
        let signature = try await key.sign([1, 2, 3], using: .ecdsaP256SHA256)
        #expect(publicKey.isValidSignature(signature, of: [1, 2, 3], using: .ecdsaP256SHA256))
    }

    @Test func aPKCS11ReferenceIsOpenedDirectlyWhenItAsksForThisBackend() async throws {
        let bench = try Bench()
        let publicKey = try PublicKey(der: bench.key.generate(.p256, in: .signature))
        let pin = PINSource.value(try PIN("123456"))
        let key = try await BackendLoader().key(at: "pkcs11:serial=112233;id=%02?backend=piv", pin: pin)
        #expect(try await key.publicKey() == publicKey)
        #expect(key.info.uri.text == "piv:serial=112233;slot=9c")
    }
}
