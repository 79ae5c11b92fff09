import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import Testing
import VirtualYubiKey

/// What each kind of key signs and decrypts, beyond what the conformance suite makes.
@Suite(.serialized)
struct MechanismTests {
    @Test(arguments: [KeyAlgorithm.rsa1024, .rsa2048, .rsa3072, .rsa4096, .p256, .p384, .ed25519])
    func aKeySignsWithEveryAlgorithmThatItOffers(_ algorithm: KeyAlgorithm) throws {
        let bench = try Bench(.v5_7_1)
        let publicKey = try PublicKey(der: bench.key.generate(algorithm, in: .authentication))
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        #expect(try key.publicKey() == publicKey && key.info.type == publicKey.type)
        #expect(!key.info.algorithms.isEmpty)
        for algorithm in key.info.algorithms {
            let signature = try key.sign([1, 2, 3], using: algorithm)
            #expect(publicKey.isValidSignature(signature, of: [1, 2, 3], using: algorithm), "\(algorithm)")
        }
        session.close()
    }

    @Test func anRSA1024KeyOffersNothingThatItHasNoRoomForAndNoneIsMade() throws {
        let bench = try Bench()
        try bench.key.generate(.rsa1024, in: .authentication)
        let session = try bench.session()
        let info = try session.key(at: KeyStoreURI("piv:slot=9a")).info
        #expect(!info.algorithms.contains(.rsaPSSSHA512) && info.algorithms.contains(.rsaPSSSHA384))
        #expect(!info.decryptionAlgorithms.contains(.rsaOAEPSHA512))
        try failure { try session.generateKey(.rsa(bits: 1024), at: KeyStoreURI("piv:slot=9d")) }.expect(
            .unsupportedMechanism)
        session.close()
    }

    @Test func ed25519SignsMessagesAsLongAsTheCardTakesAndRefusesLongerOnes() throws {
        let bench = try Bench(.v5_7_1)
        let publicKey = try PublicKey(der: bench.key.generate(.ed25519, in: .authentication))
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        let message = [UInt8](repeating: 7, count: 3000)
        #expect(publicKey.isValidSignature(try key.sign(message), of: message, using: .ed25519))
        try failure { try key.sign(message + [7]) }.expect(.unsupportedMechanism)
        session.close()
    }

    @Test func anAlgorithmThatIsNotTheKeysIsRefusedWithoutACommand() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        let commands = try bench.commands {
            try failure { try key.sign([1], using: .ecdsaP384SHA384) }.expect(.unsupportedMechanism)
            try failure { try key.sign([1], using: .rsaPKCS1SHA256) }.expect(.unsupportedMechanism)
        }
        #expect(commands.isEmpty)
        session.close()
    }

    @Test func everyWrongCiphertextIsRefusedInTheSameWords() throws {
        let bench = try Bench()
        try bench.key.generate(.rsa2048, in: .keyManagement)
        let session = try bench.session(login: .atOnce)
        let key = try #require(try session.key(at: KeyStoreURI("piv:slot=9d")) as? any DecryptingBackendKey)
        for algorithm in key.info.decryptionAlgorithms {
            var messages: Set<String> = []
            for ciphertext in [[UInt8](repeating: 1, count: 256), [UInt8](repeating: 0xFF, count: 256), [1, 2, 3], []] {
                let error = try failure {
                    try ciphertext.withUnsafeBytes { bytes in
                        Result { () throws(KeyStoreError) in try key.decrypt(bytes, using: algorithm) }
                    }.get()
                }
                error.expect(.invalidData)
                #expect(error.native == nil)
                messages.insert(error.message)
            }
            #expect(messages.count == 1)
        }
        session.close()
    }

    @Test(arguments: [Fault.status(StatusWord(0x6F00)), .truncate(toBytes: 1), .data([0x7C, 0x7F, 0x82])])
    func aCardThatFailsOrLiesIsToldAsSuchAndTheNextSignatureIsGood(_ fault: Fault) throws {
        let bench = try Bench()
        let publicKey = try PublicKey(der: bench.key.generate(.p256, in: .authentication))
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        bench.key.fail(atAPDU: 1, instruction: 0x87, with: fault)
        let error = try failure { try key.sign([1]) }
        error.expect(fault == .status(StatusWord(0x6F00)) ? .backendFailure : .invalidReply)
        if error.code == .backendFailure { #expect(error.native?.number == 0x6F00) }
        let signature = try key.sign([1])
        #expect(publicKey.isValidSignature(signature, of: [1], using: .ecdsaP256SHA256))
        session.close()
    }

    @Test(
        arguments: [[0x7C, 0x04, 0x82, 0x02, 0x30, 0x00], [0x7C, 0x02, 0x82, 0x00], [0x7C, 0x00], []] as [[UInt8]])
    func whatIsNoSignatureIsNotTakenForOne(_ data: [UInt8]) throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        bench.key.fail(atAPDU: 1, instruction: 0x87, with: .data(data))
        try failure { try key.sign([1]) }.expect(.invalidReply)
        session.close()
    }

    @Test(arguments: [Fault.truncate(toBytes: 1), .data([1]), .data([9, 9])])
    func aLieWhileOpeningIsInvalidReplyAndNoPINIsSent(_ fault: Fault) throws {
        let bench = try Bench()
        for instruction: UInt8 in [0xFD, 0xF8] {
            bench.key.fail(atAPDU: 1, instruction: instruction, with: fault)
            try failure { try bench.session(login: .atOnce) }.expect(.invalidReply)
        }
        #expect(bench.host.requests.isEmpty)
    }

    @Test func anAnswerWithoutAnEndIsCutOff() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session()
        bench.key.fail(atAPDU: 1, instruction: 0xF7, with: .answer([UInt8](repeating: 0, count: 256) + [0x61, 0x00]))
        for number in 1...300 {
            bench.key.fail(
                atAPDU: number, instruction: 0xC0, with: .answer([UInt8](repeating: 0, count: 256) + [0x61, 0x00]))
        }
        try failure { try session.key(at: KeyStoreURI("piv:slot=9a")) }.expect(.invalidReply)
        session.close()
    }
}
