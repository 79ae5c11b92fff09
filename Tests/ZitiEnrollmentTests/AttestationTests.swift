import DeviceMaker
import DevelopmentController
import Foundation
import KeyStoreAttestation
import KeyStoreCore
import Testing
import X509

@testable import ZitiEnrollment

/// Enrollment with keys that a device attests to.
struct AttestationTests {
    private static let root = Result { try DeviceAuthority.root() }

    /// A script whose keys are attested to by a device under the throw-away root.
    private func script(_ statement: DeviceStatement = DeviceStatement()) throws -> ScriptedStore.Script {
        let device = try Self.root.get().authority("Throw-Away Device")
        var script = ScriptedStore.Script()
        script.attest = { (publicKey) throws(KeyStoreError) in
            do {
                let key = try Certificate.PublicKey(derEncoded: publicKey.der)
                return [try Self.der(device.attest(to: key, statement)), try device.der]
            } catch {
                throw KeyStoreError(.backendFailure, "\(error)")
            }
        }
        return script
    }

    private static func der(_ certificate: Certificate) throws -> [UInt8] {
        try certificate.serializeAsPEM().derBytes
    }

    /// What the command line makes of `--attest`, or of `--require-attestation` where there are roots.
    private func attestation(
        roots: [String]? = nil, _ requirements: AttestationRequirements = AttestationRequirements()
    ) throws -> EnrollmentAttestation {
        let verifier = try roots.map { AttestationVerifier(roots: try AttestationRoots(pem: $0)) }
        return EnrollmentAttestation(isRequired: roots != nil) { evidence in
            let bundle = try AttestationBundle(certificates: evidence.certificates, uri: evidence.uri)
            var requirements = requirements
            requirements.publicKey = evidence.publicKey
            _ = try await verifier?.verify(bundle, meets: requirements)
            return String(decoding: try bundle.json(), as: UTF8.self)
        }
    }

    private func options(
        _ rig: Rig, roots: [String]? = nil, _ requirements: AttestationRequirements = AttestationRequirements()
    ) throws -> EnrollmentOptions {
        var options = rig.options
        options.attestation = try attestation(roots: roots, requirements)
        return options
    }

    private static let names = ["identity.json", "identity.json.attestation.json"]

    /// The attestation that was written proves the key in the identity's certificate.
    private func expectProof(_ rig: Rig, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try rig.folder.names() == Self.names, sourceLocation: sourceLocation)
        #expect(try rig.folder.mode(Self.names[1]) == 0o600, sourceLocation: sourceLocation)
        let bundle = try AttestationBundle(json: rig.folder.read(Self.names[1]))
        let certificate = try Certificate(derEncoded: try #require(try rig.identity().certificates.first))
        let key = try KeyStoreCore.PublicKey(der: certificate.publicKey.serializeAsPEM().derBytes)
        let verifier = AttestationVerifier(roots: try AttestationRoots(pem: [Self.root.get().pem]))
        let proven = try await verifier.verify(bundle, meets: AttestationRequirements(publicKey: key))
        #expect(proven.statement.serial == DeviceStatement.usualSerial, sourceLocation: sourceLocation)
    }

    @Test(arguments: [false, true])
    func theAttestationStandsBesideTheIdentity(_ isRequired: Bool) async throws {
        let rig = try await Rig.start(script: script())
        let roots = isRequired ? [try Self.root.get().pem] : nil
        let result = try await rig.enroll(
            options: options(rig, roots: roots, AttestationRequirements(pinPolicy: .once, serial: 112_233)))
        #expect(result.attestationPath == rig.output + ".attestation.json")
        try await expectProof(rig)
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatIsMadeHasThePoliciesThatItsAttestationMustShow() async throws {
        let rig = try await Rig.start(key: nil, script: script(DeviceStatement { $0.policies = [3, 3] }))
        let requirements = AttestationRequirements(pinPolicy: .always, touchPolicy: .cached)
        var options = try options(rig, roots: [Self.root.get().pem], requirements)
        options.generate = .ecP256
        options.pinPolicy = .always
        options.touchPolicy = .cached
        try await rig.enroll(options: options)
        #expect(rig.store.keyOptions == [NewKeyOptions(pinPolicy: .always, touchPolicy: .cached)])
        try await expectProof(rig)
        try await rig.controller.shutdown()
    }

    @Test func aBackendThatMakesNoKeysWithPoliciesMakesNone() async throws {
        let rig = try await Rig.start(key: nil, script: .init(hasPolicies: false))
        var changed = rig.options
        changed.generate = .ecP256
        changed.pinPolicy = .always
        let error = try await rig.expectUntouched(.keyStore, at: .openKey, options: changed)
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        #expect(try await rig.store.openSession(pin: .none).keys().isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func withoutBeingAskedForNoAttestationIsFetched() async throws {
        let rig = try await Rig.start(
            script: .init(attest: { (_) throws(KeyStoreError) in throw KeyStoreError(.backendFailure, "not asked for") }
            ))
        #expect(try await rig.enroll().attestationPath == nil)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func aBackendThatCannotAttestCostsNothing() async throws {
        let rig = try await Rig.start()
        let error = try await rig.expectUntouched(.keyStore, at: .proveSignatures, options: options(rig))
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatItsDeviceDoesNotAttestToCostsNothing() async throws {
        var script = ScriptedStore.Script()
        script.attest = { (_) throws(KeyStoreError) in throw KeyStoreError(.policyRefused, "the key was imported") }
        let rig = try await Rig.start(script: script)
        let error = try await rig.expectUntouched(.keyStore, at: .proveSignatures, options: options(rig))
        #expect(error.keyStoreError?.code == .policyRefused)
        #expect(error.message == "the key was imported")
        try await rig.controller.shutdown()
    }

    @Test func anAttestationThatIsRefusedCostsNothing() async throws {
        let trusted = [try Self.root.get().pem]
        let foreign = [try DeviceAuthority.root("Other").pem]
        let never = DeviceStatement { $0.policies = [1, 1] }
        let usual = DeviceStatement()
        let cases: [(DeviceStatement, [String], AttestationRequirements, AttestationError.Code)] = [
            (usual, foreign, .init(), .rootNotTrusted), (never, trusted, .init(pinPolicy: .once), .pinPolicyTooWeak),
            (usual, trusted, .init(touchPolicy: .cached), .touchPolicyTooWeak),
            (usual, trusted, .init(serial: 1), .otherDevice),
            (usual, trusted, .init(minimumFirmware: FirmwareVersion(5, 7, 0)), .firmwareTooOld),
            (DeviceStatement { $0.dates = .past }, trusted, .init(), .expired),
            (DeviceStatement { $0.policies = nil }, trusted, .init(), .statementMissing),
        ]
        for (statement, roots, requirements, code) in cases {
            let rig = try await Rig.start(script: script(statement))
            let error = try await rig.expectUntouched(
                .attestationRefused, at: .proveSignatures, options: options(rig, roots: roots, requirements))
            #expect((error.underlying as? AttestationError)?.code == code)
            #expect(error.hint.contains("untouched"))
            try await rig.controller.shutdown()
        }
    }

    @Test func anAttestationOfAnotherKeyCostsNothing() async throws {
        let other = try AttestedKey(root: Self.root.get())
        let certificates = try other.certificates
        let rig = try await Rig.start(script: .init(attest: { (_) throws(KeyStoreError) in certificates }))
        let error = try await rig.expectUntouched(
            .attestationRefused, at: .proveSignatures, options: options(rig, roots: [Self.root.get().pem]))
        #expect((error.underlying as? AttestationError)?.code == .otherKey)
        try await rig.controller.shutdown()
    }

    @Test func aFileWhereTheAttestationGoesIsKeptAndCostsNothing() async throws {
        let rig = try await Rig.start(script: script())
        try rig.folder.write(Self.names[1], "precious")
        _ = try await rig.expectUntouched(
            .outputExists, at: .reserveOutput, options: options(rig), leaves: [Self.names[1]])
        #expect(try rig.folder.read(Self.names[1]) == Array("precious".utf8))
        try await rig.controller.shutdown()
    }

    @Test func aNameThatTheAttestationCannotHaveCostsNothing() async throws {
        let rig = try await Rig.start(script: script())
        for (length, fits) in [(238, true), (239, false)] {
            var changed = try options(rig)
            changed.outputPath = rig.folder.path + "/" + String(repeating: "n", count: length)
            let options = changed
            if fits {
                try await rig.enroll(options: options)
            } else {
                let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
                #expect(error.code == .outputNotWritable && error.step == .reserveOutput)
            }
        }
        #expect(rig.posts == 1)
        try await rig.controller.shutdown()
    }

    @Test(arguments: EnrollmentResumeTests.resumable)
    func theSameCallGoesOnAfterAKill(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start(key: nil, script: script())
        var changed = try options(rig, roots: [Self.root.get().pem])
        changed.generate = .ecP256
        let options = changed
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(options: options, stop: milestone)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption)
        try await rig.enroll(options: options)
        #expect(rig.posts == 1)
        try await expectProof(rig)
        try await rig.controller.shutdown()
    }

    @Test(arguments: [EnrollmentMilestone.postRecorded, .certificateRecorded, .attestationWritten])
    func anAttestationThatIsDemandedLaterIsJudgedBeforeTheIdentityIsWritten(
        _ milestone: EnrollmentMilestone
    ) async throws {
        let rig = try await Rig.start(script: script())
        await #expect(throws: EnrollmentError.self) {
            try await rig.enroll(options: options(rig), stop: milestone)
        }
        let posts = rig.posts
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(options: options(rig, roots: [DeviceAuthority.root("Other").pem]))
        }
        #expect(error.code == .attestationRefused)
        // The token may be spent.
        #expect(!error.hint.contains("untouched"))
        #expect(rig.posts == posts)
        #expect(try !rig.folder.names().contains("identity.json"))
        try await rig.enroll(options: options(rig, roots: [Self.root.get().pem]))
        #expect(rig.posts == 1)
        try await expectProof(rig)
        try await rig.controller.shutdown()
    }

    @Test func theFallbackMustBeAttestedToAsWell() async throws {
        let rig = try await Rig.start(script: .init(openFailure: KeyStoreError(.noSuchToken, "absent")))
        let fallback = try ScriptedStore(Rig.freshURI())
        var changed = try options(rig)
        changed.fallback = KeySource(store: fallback, pin: .none)
        let options = changed
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }
}
