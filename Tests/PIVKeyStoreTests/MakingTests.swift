import KeyStoreCore
import KeyStorePlugin
import LibCrypto
import OpenSSL
import Testing
import VirtualYubiKey

/// Keys that are made, imported, replaced, moved and deleted.
@Suite(.serialized)
struct MakingTests {
    private func policySession(_ bench: Bench) throws -> any KeyPolicyBackendSession {
        try #require(try bench.session() as? any KeyPolicyBackendSession)
    }

    @Test(arguments: KeyStoreCore.PINPolicy.allCases, KeyStoreCore.TouchPolicy.allCases)
    func aNewKeyHasThePoliciesThatWereAskedFor(_ pin: KeyStoreCore.PINPolicy, _ touch: KeyStoreCore.TouchPolicy) throws
    {
        let bench = try Bench()
        let session = try policySession(bench)
        let key = try session.generateKey(
            .ecP256, options: NewKeyOptions(pinPolicy: pin, touchPolicy: touch), at: KeyStoreURI("piv:slot=9a"))
        let properties = key.info.properties
        #expect(properties.contains(.init(name: "pin-policy", value: "\(pin)")))
        #expect(properties.contains(.init(name: "touch-policy", value: "\(touch)")))
        #expect(properties.contains(.init(name: "origin", value: "generated")))
        session.close()
    }

    @Test func anOccupiedSlotIsKeyExistsBeforeAManagementKeyIsAskedFor() throws {
        let bench = try Bench()
        let before = try bench.key.generate(.p256, in: .authentication)
        let session = try policySession(bench)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a")) }.expect(.keyExists)
        try failure { try session.importPEM(PEM.p256(), at: KeyStoreURI("piv:slot=9a")) }.expect(.keyExists)
        #expect(bench.host.requests.isEmpty)
        #expect(try bench.key.publicKeyDER(in: .authentication) == before)
        session.close()
    }

    @Test func aCertificateWithoutAKeyIsNotShadowedByANewKey() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        try bench.key.putCertificate(in: .authentication, commonName: "stays")
        bench.key.removeKey(in: .authentication)
        let session = try policySession(bench)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a")) }.expect(.keyExists)
        session.close()
    }

    @Test func aReplacedKeyTakesItsCertificateAlong() throws {
        let bench = try Bench()
        let before = try bench.key.generate(.p256, in: .authentication)
        try bench.key.putCertificate(in: .authentication, commonName: "goes")
        let session = try policySession(bench)
        let key = try session.generateKey(
            .ecP384, options: NewKeyOptions(replaces: true), at: KeyStoreURI("piv:slot=9a"))
        #expect(try key.publicKey().der != before)
        #expect(bench.key.certificate(in: .authentication) == nil)
        session.close()
    }

    @Test func aWrongManagementKeyIsToldAndNothingIsMade() throws {
        let bench = try Bench()
        bench.host.answers[.managementKey] = String(repeating: "11", count: 24)
        let session = try policySession(bench)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a")) }.expect(.pinIncorrect)
        #expect(try bench.key.publicKeyDER(in: .authentication) == nil)
        #expect(bench.key.pinTriesLeft == 3)
        session.close()
    }

    @Test(arguments: ["0102", "no digits", ""])
    func whatIsNoManagementKeyIsNotSent(_ text: String) throws {
        let bench = try Bench()
        bench.host.answers[.managementKey] = text
        let session = try policySession(bench)
        let commands = try bench.commands {
            try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a")) }.expect(.invalidData)
        }
        #expect(!commands.contains { $0.hasPrefix("00 87") })
        session.close()
    }

    @Test func noFactoryValueIsTriedByItself() throws {
        let bench = try Bench()
        bench.host.answers = [:]
        let session = try policySession(bench)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a")) }.expect(.pinRequired)
        try failure { try bench.session(login: .atOnce) }.expect(.pinRequired)
        #expect(bench.host.requests.map(\.kind) == [.managementKey, .pin])
        session.close()
    }

    @Test(
        arguments: [ManagementAlgorithm.tripleDES, .aes128, .aes192, .aes256])
    func aManagementKeyOfEachCipherIsUsed(_ algorithm: ManagementAlgorithm) throws {
        let bench = try Bench()
        let length = algorithm == .aes128 ? 16 : algorithm == .aes256 ? 32 : 24
        let bytes = (0..<length).map { UInt8($0 * 7 + 3) }
        bench.key.setManagementKey(bytes, algorithm)
        bench.host.answers[.managementKey] = Bench.hexadecimal(bytes)
        let session = try policySession(bench)
        _ = try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a"))
        session.close()
    }

    @Test func aReferenceThatNamesNoSlotMakesNoKey() throws {
        let bench = try Bench()
        let session = try policySession(bench)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:serial=112233")) }.expect(.invalidURI)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:serial=9;slot=9a")) }.expect(.invalidURI)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=f9")) }.expect(.policyRefused)
        session.close()
    }

    @Test func whatTheFirmwareDoesNotMakeIsRefusedWithItsVersion() throws {
        let bench = try Bench()
        let session = try policySession(bench)
        for type in [KeyType.ed25519, .x25519, .rsa(bits: 3072), .rsa(bits: 4096)] {
            let purpose: KeyPurpose = type == .x25519 ? .agree : .sign
            let error = try failure {
                try session.generateKey(type, purpose: purpose, at: KeyStoreURI("piv:slot=9a"))
            }
            error.expect(.unsupportedMechanism)
            #expect(error.message.contains("5.4.3"))
        }
        session.close()
    }

    @Test(arguments: [FirmwareVersion(4, 3, 7), FirmwareVersion(5, 2, 4)])
    func aFirmwareThatTellsNothingOfItsKeysKeepsThem(_ firmware: FirmwareVersion) throws {
        let bench = try Bench(firmware)
        let publicKey = try PublicKey(der: bench.key.generate(.p256, in: .authentication))
        let session = try policySession(bench)
        // Known by its attestation.
        #expect(try session.publicKey(at: KeyStoreURI("piv:slot=9a")) == publicKey)
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a")) }.expect(.keyExists)
        // Nothing tells whether there is an imported one.
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9d")) }.expect(.keyExists)
        let key = try session.generateKey(
            .ecP256, options: NewKeyOptions(replaces: true), at: KeyStoreURI("piv:slot=9d"))
        _ = try key.sign([1])
        session.close()
    }

    @Test func anImportedKeyHasItsOriginAndIsNotAttested() throws {
        let bench = try Bench()
        let session = try policySession(bench)
        let key = try session.importPEM(PEM.p256(), at: KeyStoreURI("piv:slot=82"))
        #expect(key.info.properties.contains(.init(name: "origin", value: "imported")))
        let attesting = try #require(session as? any KeyAttestingBackendSession)
        try failure { try attesting.attestation(at: KeyStoreURI("piv:slot=82")) }.expect(.policyRefused)
        try failure { try attesting.attestation(at: KeyStoreURI("piv:slot=83")) }.expect(.noSuchKey)
        session.close()
    }

    @Test func anEncryptedKeyIsImportedWithItsPassphrase() throws {
        let bench = try Bench()
        bench.host.answers[.passphrase] = "open it"
        let session = try policySession(bench)
        let pem = try PEM.make([
            "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-aes-256-cbc", "-pass", "pass:open it",
        ])
        _ = try session.importPEM(pem, at: KeyStoreURI("piv:slot=82")).sign([1])
        session.close()
    }

    @Test func anRSAKeyWithAnotherExponentIsNotImported() throws {
        let bench = try Bench()
        let session = try policySession(bench)
        let pem = try PEM.make([
            "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_pubexp:3",
        ])
        try failure { try session.importPEM(pem, at: KeyStoreURI("piv:slot=82")) }.expect(.unsupportedMechanism)
        session.close()
    }

    @Test func anAttestationIsForTheSlotsKeyAndSignedByTheDevice() throws {
        let bench = try Bench()
        let publicKey = try bench.key.generate(.p256, in: .authentication)
        let session = try #require(try bench.session() as? any KeyAttestingBackendSession)
        let chain = try session.attestation(at: KeyStoreURI("piv:slot=9a"))
        try #require(chain.count == 2)
        #expect(try Certificate(der: chain[0]).publicKey.der == publicKey)
        #expect(try Certificate(der: chain[0]).isIssued(by: Certificate(der: chain[1])))
        #expect(try Certificate(der: chain[1]).isIssued(by: Certificate(der: bench.key.attestationRootDER())))
        session.close()
    }

    @Test func aMovedKeyTakesItsCertificateAlongAndItsOldSlotIsEmpty() throws {
        let bench = try Bench(.v5_7_1)
        let publicKey = try bench.key.generate(.p256, in: .authentication)
        let certificate = try bench.key.putCertificate(in: .authentication, commonName: "moves")
        let session = try #require(try bench.session() as? any KeyMovingBackendSession)
        let info = try session.moveKey(at: KeyStoreURI("piv:slot=9a"), to: KeyStoreURI("piv:slot=retired3"))
        #expect(info.uri.text == "piv:serial=112233;slot=84" && info.hasCertificate)
        #expect(try bench.key.publicKeyDER(in: 0x84) == publicKey)
        #expect(bench.key.certificate(in: 0x84) == certificate)
        #expect(bench.key.certificate(in: .authentication) == nil)
        try failure { try session.key(at: KeyStoreURI("piv:slot=9a")) }.expect(.noSuchKey)
        session.close()
    }

    @Test func aTakenPlaceAndAnOldFirmwareMoveNothing() throws {
        for firmware in [FirmwareVersion.v5_7_1, .v5_4_3] {
            let bench = try Bench(firmware)
            let keys = try [
                bench.key.generate(.p256, in: .authentication), bench.key.generate(.p256, in: .keyManagement),
            ]
            let session = try #require(try bench.session() as? any KeyMovingBackendSession)
            try failure { try session.moveKey(at: KeyStoreURI("piv:slot=9a"), to: KeyStoreURI("piv:slot=9d")) }.expect(
                firmware == .v5_7_1 ? .keyExists : .unsupportedOperation)
            #expect(try bench.key.publicKeyDER(in: .authentication) == keys[0])
            #expect(try bench.key.publicKeyDER(in: .keyManagement) == keys[1])
            session.close()
        }
    }

    @Test func anOldFirmwareDeletesNoKeyAndSaysSo() throws {
        let bench = try Bench()
        let publicKey = try bench.key.generate(.p256, in: .authentication)
        let session = try #require(try bench.session() as? any KeyDeletingBackendSession)
        let error = try failure { try session.deleteKey(at: KeyStoreURI("piv:slot=9a")) }
        error.expect(.unsupportedOperation)
        #expect(error.message.contains("5.7"))
        #expect(try bench.key.publicKeyDER(in: .authentication) == publicKey)
        session.close()
    }

    @Test func aSessionForReadingChangesNothing() throws {
        let bench = try Bench(.v5_7_1)
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(isWritable: false)
        let uri = try KeyStoreURI("piv:slot=9a")
        let empty = try KeyStoreURI("piv:slot=82")
        try failure { try session.generateKey(.ecP256, at: empty) }.expect(.policyRefused)
        try failure { try session.importPEM(PEM.p256(), at: empty) }.expect(.policyRefused)
        try failure { try (session as? any KeyDeletingBackendSession)?.deleteKey(at: uri) }.expect(.policyRefused)
        try failure { try (session as? any KeyMovingBackendSession)?.moveKey(at: uri, to: empty) }.expect(
            .policyRefused)
        try failure { try (session as? any CertificateBackendSession)?.store([[1]], at: uri) }.expect(.policyRefused)
        try failure { try (session as? any CertificateBackendSession)?.removeCertificates(at: uri) }.expect(
            .policyRefused)
        #expect(bench.host.requests.isEmpty)
        session.close()
    }
}
