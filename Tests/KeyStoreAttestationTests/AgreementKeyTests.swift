import Crypto
import DeviceMaker
import Foundation
import KeyStoreAttestation
import KeyStoreCore
import Testing
import X509

/// Attestations of keys that only agree, which the library under the verifier cannot read: that nothing is proven of them that
/// would not be of others.
struct AgreementKeyTests {
    private func attested(
        hasOwnRoot: Bool = false
    ) throws -> (device: VirtualDevice, publicKey: [UInt8], certificates: [[UInt8]]) {
        let device = try VirtualDevice(isNew: true, hasOwnRoot: hasOwnRoot)
        let publicKey = try device.generate(.x25519)
        return (device, publicKey, try device.attestation())
    }

    private func verify(
        _ certificates: [[UInt8]], keyCertificate: [UInt8]? = nil, roots: [String],
        _ requirements: AttestationRequirements = AttestationRequirements()
    ) async throws -> VerifiedAttestation {
        let bundle = try AttestationBundle(
            certificates: certificates, keyCertificate: keyCertificate, uri: KeyStoreURI("token:a"))
        let verifier = AttestationVerifier(roots: try AttestationRoots(pem: roots))
        return try await verifier.verify(AttestationBundle(json: bundle.json()), meets: requirements)
    }

    @Test func theChainAndTheKeyAreTold() async throws {
        let (device, publicKey, certificates) = try attested()
        let proven = try await verify(certificates, roots: [device.rootPEM])
        #expect(proven.subjects.count == 3 && proven.subjects[0] == "CN=YubiKey PIV Attestation 9c")
        #expect(proven.statement.publicKey.der == publicKey && proven.statement.publicKey.type == .x25519)
    }

    @Test func anotherRootOrAnotherDevicesCertificateProvesNothing() async throws {
        let (device, _, certificates) = try attested()
        let (other, _, others) = try attested(hasOwnRoot: true)
        await #expect(throws: AttestationError(.signatureInvalid, "")) {
            try await verify(certificates, roots: [other.rootPEM])
        }
        await #expect(throws: AttestationError(.signatureInvalid, "")) {
            try await verify([certificates[0], others[1]], roots: [other.rootPEM])
        }
        await #expect(throws: AttestationError(.rootNotTrusted, "")) {
            try await verify([certificates[0]], roots: [device.rootPEM])
        }
        await #expect(throws: AttestationError(.rootNotTrusted, "")) {
            try await verify(certificates, roots: [DeviceAuthority.root().pem])
        }
    }

    @Test func aKeyOrAPolicyThatWasChangedIsFoundOut() async throws {
        let (device, publicKey, certificates) = try attested()
        let root = try device.rootPEM
        let key = try #require(Self.offset(of: publicKey, in: certificates[0]))
        // 1.3.6.1.4.1.41482.3.8, and behind it the policies.
        let policies = try #require(
            Self.offset(of: [0x2B, 6, 1, 4, 1, 0x82, 0xC4, 0x0A, 3, 8], in: certificates[0]))
        for place in [key + 12, key + 43, policies + 12, policies + 13, certificates[0].count - 1] {
            var changed = certificates[0]
            changed[place] ^= 1
            await #expect(throws: AttestationError(.signatureInvalid, "")) {
                try await verify([changed, certificates[1]], roots: [root])
            }
        }
    }

    /// The identifiers of X25519 and Ed25519 differ in one byte.
    @Test func oneTypeOfKeyIsNotTakenForTheOther() async throws {
        let (device, publicKey, certificates) = try attested()
        let place = try #require(Self.offset(of: publicKey, in: certificates[0])) + 8
        var changed = certificates[0]
        changed[place] = 0x70
        await #expect(throws: AttestationError(.signatureInvalid, "")) {
            try await verify([changed, certificates[1]], roots: [device.rootPEM])
        }
        let signer = try device.generate(.ed25519)
        let ofSigner = try device.attestation()
        changed = ofSigner[0]
        changed[try #require(Self.offset(of: signer, in: changed)) + 8] = 0x6E
        await #expect(throws: AttestationError(.signatureInvalid, "")) {
            try await verify([changed, ofSigner[1]], roots: [device.rootPEM])
        }
    }

    @Test func whatIsRequiredIsCompared() async throws {
        let (device, _, certificates) = try attested()
        let (root, other) = (try device.rootPEM, try PublicKey(der: device.generate(.x25519)))
        await #expect(throws: AttestationError(.otherKey, "")) {
            try await verify(certificates, roots: [root], AttestationRequirements(publicKey: other))
        }
        await #expect(throws: AttestationError(.touchPolicyTooWeak, "")) {
            try await verify(certificates, roots: [root], AttestationRequirements(touchPolicy: .always))
        }
        // The certificate beside the key is for another one.
        await #expect(throws: AttestationError(.fieldContradicted, "")) {
            try await verify(certificates, keyCertificate: device.attestation()[0], roots: [root])
        }
        _ = try await verify(certificates, keyCertificate: certificates[0], roots: [root])
    }

    @Test(arguments: [(false, nil), (true, AttestationError.Code.issuerNotAllowed)])
    func anIssuerThatConstrainsNamesProvesNothing(_ constrains: Bool, _ code: AttestationError.Code?) async throws {
        let (_, _, certificates) = try attested()
        let key = P256.Signing.PrivateKey()
        let root = try Self.certificate("Other Root", .init(key.publicKey), by: "Other Root", key, [.authority()])
        let device = try Certificate(derEncoded: certificates[1])
        var extensions = [try Certificate.Extension.authority(0)]
        if constrains {
            extensions.append(
                try Certificate.Extension(
                    NameConstraints(permittedSubtrees: [.dnsName("example.org")]), critical: true))
        }
        let issued = try Self.certificate(device.subject, device.publicKey, by: root.subject, key, extensions)
        let chain = [certificates[0], try issued.derBytes]
        let roots = [try root.serializeAsPEM().pemString]
        guard let code else {
            _ = try await verify(chain, roots: roots)
            return
        }
        let error = await #expect(throws: AttestationError.self) { try await verify(chain, roots: roots) }
        #expect(error?.code == code)
        #expect(error?.message.contains("constrains names") == true)
    }

    private static func certificate(
        _ subject: String, _ publicKey: Certificate.PublicKey, by issuer: String, _ key: P256.Signing.PrivateKey,
        _ extensions: [Certificate.Extension]
    ) throws -> Certificate {
        try certificate(
            DistinguishedName { CommonName(subject) }, publicKey, by: DistinguishedName { CommonName(issuer) }, key,
            extensions)
    }

    private static func certificate(
        _ subject: DistinguishedName, _ publicKey: Certificate.PublicKey, by issuer: DistinguishedName,
        _ key: P256.Signing.PrivateKey, _ extensions: [Certificate.Extension]
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -3600), notValidAfter: Date(timeIntervalSinceNow: 3600),
            issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions(extensions), issuerPrivateKey: .init(key))
    }

    /// Where some bytes stand within others.
    private static func offset(of part: [UInt8], in bytes: [UInt8]) -> Int? {
        bytes.indices.first { bytes[$0...].starts(with: part) }
    }
}
