import Crypto
import KeyStoreAttestation
import KeyStoreCore
import Testing

/// What a virtual YubiKey attests: the certificates of another hand than the throw-away ones of the other tests.
struct VirtualDeviceTests {
    private func verify(
        _ certificates: [[UInt8]], root: String, _ requirements: AttestationRequirements = AttestationRequirements()
    ) async throws -> AttestationStatement {
        let bundle = try AttestationBundle(certificates: certificates, uri: KeyStoreURI("token:a"))
        let verifier = AttestationVerifier(roots: try AttestationRoots(pem: [root]))
        return try await verifier.verify(AttestationBundle(json: bundle.json()), meets: requirements).statement
    }

    @Test func keysOfEveryKindAreProvenWithTheirPolicies() async throws {
        for isNew in [false, true] {
            let device = try VirtualDevice(isNew: isNew)
            let root = try device.rootPEM
            var cases: [(VirtualDevice.Kind, PINPolicy, TouchPolicy)] = [
                (.p256, .once, .never), (.p384, .always, .cached), (.rsa2048, .never, .always),
            ]
            if isNew { cases += [(.ed25519, .always, .always), (.x25519, .once, .cached)] }
            for (kind, pinPolicy, touchPolicy) in cases {
                let der = try device.generate(
                    kind, pinPolicy: UInt8(pinPolicy.rawValue), touchPolicy: UInt8(touchPolicy.rawValue))
                let publicKey = try PublicKey(der: der)
                let statement = try await verify(
                    device.attestation(), root: root,
                    AttestationRequirements(
                        publicKey: publicKey, pinPolicy: pinPolicy, touchPolicy: touchPolicy, serial: 112_233))
                #expect("\(statement.pinPolicy)" == "\(pinPolicy)" && "\(statement.touchPolicy)" == "\(touchPolicy)")
                #expect(statement.firmware == (isNew ? FirmwareVersion(5, 7, 1) : FirmwareVersion(5, 4, 3)))
                #expect(statement.slot == "9c")
                #expect(statement.formFactor != nil)
            }
        }
    }

    @Test func anImportedKeyIsNotAttestedTo() throws {
        let device = try VirtualDevice()
        try device.importKey(pkcs8: P256.Signing.PrivateKey().derBytes)
        #expect(throws: VirtualDevice.Refusal(status: [0x6A, 0x80])) { try device.attestation() }
    }

    @Test func anEmptySlotIsNotAttestedTo() throws {
        #expect(throws: VirtualDevice.Refusal(status: [0x6A, 0x88])) { try VirtualDevice().attestation() }
    }

    @Test func keysThatNobodyShouldUseAreNotProven() async throws {
        let device = try VirtualDevice(isNew: true)
        _ = try device.generate(.rsa1024)
        let certificates = try device.attestation()
        #expect(throws: AttestationError(.certificateMalformed, "")) {
            try AttestationBundle(certificates: certificates, uri: KeyStoreURI("token:a"))
        }
    }

    @Test func theDevicesOwnCertificateIsNoAttestation() async throws {
        let device = try VirtualDevice()
        _ = try device.generate(.p256)
        let own = try device.attestation()[1]
        #expect(throws: AttestationError(.statementMissing, "")) {
            try AttestationBundle(certificates: [own], uri: KeyStoreURI("token:a"))
        }
    }
}

extension P256.Signing.PrivateKey {
    /// The key as unencrypted PKCS#8.
    fileprivate var derBytes: [UInt8] { Array(derRepresentation) }
}
