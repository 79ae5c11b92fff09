import ChildProcess
import KeyStoreCore
import KeyStoreTLS
import SwiftASN1
import Testing
import X509

struct CertificateRequestTests {
    /// What OpenSSL, which shares no code with this library, says of a request.
    private func openSSL(_ pem: String) async throws -> ProgramOutcome {
        var program = try Program.system("openssl", ["req", "-verify", "-noout", "-subject", "-text"])
        program.input = Array(pem.utf8)
        return try await program.run()
    }

    @Test(arguments: MemoryKeys.types + [.rsa(bits: 4096)])
    func openSSLVerifiesTheRequestOfEveryKeyType(_ type: KeyType) async throws {
        let key = try await MemoryKeys.make(type)
        let request = try await CertificateRequest.make(
            commonName: "aB3.xK9-q", organization: "OpenZiti", key: key, publicKey: try await key.publicKey(),
            algorithms: key.info.algorithms)
        let outcome = try await openSSL(request.pem)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errorText.contains("verify OK"))
        #expect(outcome.outputText.contains("subject=O = OpenZiti, CN = aB3.xK9-q"))
    }

    @Test(arguments: [SignatureAlgorithm.rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512])
    func openSSLVerifiesTheRequestOfAKeyThatHasOnlyPSS(_ algorithm: SignatureAlgorithm) async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let request = try await CertificateRequest.make(
            commonName: "only-pss", key: key, publicKey: try await key.publicKey(), algorithms: [algorithm])
        #expect(request.algorithm == algorithm)
        let outcome = try await openSSL(request.pem)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.contains("Signature Algorithm: rsassaPss"))
        #expect(outcome.outputText.contains("subject=CN = only-pss"))
    }

    @Test func anRSAKeySignsItsRequestWithPKCS1AlthoughTLSPrefersPSS() async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let request = try await CertificateRequest.make(
            commonName: "rsa", key: key, publicKey: try await key.publicKey(), algorithms: key.info.algorithms)
        #expect(request.algorithm == .rsaPKCS1SHA256)
    }

    @Test func theTextIsOneBlockWithOneNewlineAtItsEnd() async throws {
        let key = try await MemoryKeys.make(.ecP256)
        let pem = try await CertificateRequest.make(
            commonName: "one", key: key, publicKey: try await key.publicKey(), algorithms: key.info.algorithms
        ).pem
        #expect(pem.hasPrefix("-----BEGIN CERTIFICATE REQUEST-----\n"))
        #expect(pem.hasSuffix("\n-----END CERTIFICATE REQUEST-----\n"))
        #expect(try PEMDocument.parseMultiple(pemString: pem).count == 1)
    }

    @Test(arguments: ["", String(repeating: "a", count: 65)])
    func aCommonNameOfImpossibleLengthIsRefused(_ name: String) async throws {
        let key = try await MemoryKeys.make(.ecP256)
        let publicKey = try await key.publicKey()
        await #expect(throws: KeyStoreError(.invalidData, "")) {
            try await CertificateRequest.make(
                commonName: name, key: key, publicKey: publicKey, algorithms: key.info.algorithms)
        }
    }

    @Test func aKeyWithoutAFittingAlgorithmIsRefused() async throws {
        let key = try await MemoryKeys.make(.ecP256)
        let publicKey = try await key.publicKey()
        await #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
            try await CertificateRequest.make(
                commonName: "x", key: key, publicKey: publicKey, algorithms: [.ecdsaP384SHA384, .ed25519])
        }
    }

    @Test(arguments: [[SignatureAlgorithm.rsaPKCS1SHA256], [.rsaPSSSHA256]])
    func aSignatureThatDoesNotVerifyIsNotHandedOut(_ algorithms: [SignatureAlgorithm]) async throws {
        let key = AlteredKey(base: try await MemoryKeys.make(.rsa(bits: 2048)))
        let publicKey = try await key.publicKey()
        await #expect(throws: KeyStoreError(.invalidReply, "")) {
            try await CertificateRequest.make(commonName: "x", key: key, publicKey: publicKey, algorithms: algorithms)
        }
    }

    @Test func whatTheKeyFailsWithComesUpUnchanged() async throws {
        let key = AlteredKey(
            base: try await MemoryKeys.make(.ecP256), failure: KeyStoreError(.touchTimeout, "nobody came"))
        let publicKey = try await key.publicKey()
        let error = await #expect(throws: KeyStoreError.self) {
            try await CertificateRequest.make(
                commonName: "x", key: key, publicKey: publicKey, algorithms: key.info.algorithms)
        }
        #expect(error?.code == .touchTimeout)
        #expect(error?.message == "nobody came")
        #expect(error?.operation == "make certificate request")
    }
}
