import KeyStoreCore
import KeyStoreTLS
import SwiftASN1
import Testing
import X509

struct CertificateKeyTests {
    private func key() async throws -> CertificateKey {
        let key = try await MemoryKeys.make(.ecP384)
        return try CertificateKey(key, publicKey: try await key.publicKey(), algorithms: key.info.algorithms)
    }

    @Test func itSignsWithWhatFitsItsCurve() async throws {
        let key = try await key()
        #expect(key.defaultSignatureAlgorithm == .ecdsaWithSHA384)
        let message: [UInt8] = [1, 2, 3]
        let signature = try await key.signAsynchronously(bytes: message, signatureAlgorithm: .ecdsaWithSHA384)
        #expect(
            key.publicKey.isValidSignature(
                signature.rawRepresentation, for: message, signatureAlgorithm: .ecdsaWithSHA384))
    }

    @Test func anAlgorithmOfAnotherCurveIsRefused() async throws {
        let key = try await key()
        await #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
            try await key.signAsynchronously(bytes: [1 as UInt8], signatureAlgorithm: .ecdsaWithSHA256)
        }
    }

    @Test func signingWithoutWaitingIsRefused() async throws {
        let key = try await key()
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try key.signSynchronously(bytes: [1 as UInt8], signatureAlgorithm: .ecdsaWithSHA384)
        }
    }

    @Test func serialisingIsRefused() async throws {
        let key = try await key()
        var serializer = DER.Serializer()
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try key.serialize(into: &serializer) }
    }

    @Test func aKeyThatHasOnlyPSSIsRefused() async throws {
        let key = try await MemoryKeys.make(.rsa(bits: 2048))
        let publicKey = try await key.publicKey()
        #expect(throws: KeyStoreError(.unsupportedMechanism, "")) {
            try CertificateKey(key, publicKey: publicKey, algorithms: [.rsaPSSSHA256])
        }
    }

    @Test func twoWrappersOfOneKeyAreEqualAndThoseOfTwoKeysAreNot() async throws {
        let key = try await MemoryKeys.make(.ecP256)
        let publicKey = try await key.publicKey()
        let first = try CertificateKey(key, publicKey: publicKey, algorithms: key.info.algorithms)
        let second = try CertificateKey(key, publicKey: publicKey, algorithms: key.info.algorithms)
        #expect(first == second)
        #expect(first.hashValue == second.hashValue)
        #expect(try await self.key() != self.key())
    }
}
