import DeviceMaker
import Foundation
import KeyStoreCore
import Testing
import X509

@testable import KeyStoreAttestation

extension AttestedKey {
    /// The bundle of this attestation.
    func bundle(keyCertificate: Certificate? = nil) throws -> AttestationBundle {
        try AttestationBundle(
            certificates: certificates, keyCertificate: keyCertificate?.derBytes,
            uri: KeyStoreURI("token:serial=112233;slot=9a?pin-value=314159"))
    }

    /// Verifies the bundle with the root, or with others.
    @discardableResult
    func verify(
        _ requirements: AttestationRequirements = AttestationRequirements(), roots: [String]? = nil,
        bundle: AttestationBundle? = nil
    ) async throws -> VerifiedAttestation {
        try await AttestationVerifier(roots: AttestationRoots(pem: try roots ?? [root.pem]))
            .verify(try bundle ?? self.bundle(), meets: requirements)
    }

    /// Verifies, and expects to be refused with a code.
    @discardableResult
    func expectRefusal(
        _ code: AttestationError.Code, _ requirements: AttestationRequirements = AttestationRequirements(),
        roots: [String]? = nil, bundle: AttestationBundle? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> AttestationError {
        let error = try await #require(throws: AttestationError.self, sourceLocation: sourceLocation) {
            try await verify(requirements, roots: roots, bundle: bundle)
        }
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    }

    /// The key's public part as the core has it.
    var publicKey: KeyStoreCore.PublicKey {
        get throws { try KeyStoreCore.PublicKey(der: Array(key.publicKey.derRepresentation)) }
    }
}

extension AttestationBundle {
    /// The bundle with one member of its JSON changed; nil takes the member away.
    func changing(_ field: String, to value: Any?) throws -> [UInt8] {
        var object = try #require(try JSONSerialization.jsonObject(with: Data(json())) as? [String: Any])
        var attestation = try #require(object["attestation"] as? [String: Any])
        attestation[field] = value
        object["attestation"] = attestation
        return Array(try JSONSerialization.data(withJSONObject: object))
    }
}
