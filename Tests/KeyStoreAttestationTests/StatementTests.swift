import Crypto
import DeviceMaker
import KeyStoreCore
import Testing
import X509

@testable import KeyStoreAttestation

/// What is read out of attestation certificates, and what is demanded of it.
struct StatementTests {
    /// A bundle's initialiser reads the statement.
    private func expectRefusal(
        _ code: AttestationError.Code, sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout DeviceStatement) -> Void
    ) async throws {
        let attested = try AttestedKey(DeviceStatement(change))
        #expect(throws: AttestationError(code, ""), sourceLocation: sourceLocation) { try attested.bundle() }
        // One that was written down all the same, and states nothing in words.
        let written = try AttestationBundle(
            uri: "", createdAt: nil, stated: StatedAttestation(),
            attestationCertificate: attested.attestation.derBytes, chain: [attested.device.der], keyCertificate: nil)
        try await attested.expectRefusal(code, bundle: written, sourceLocation: sourceLocation)
    }

    @Test func whatEveryAttestationSaysMustBeThere() async throws {
        try await expectRefusal(.statementMissing) { $0.firmware = nil }
        try await expectRefusal(.statementMissing) { $0.policies = nil }
        try await expectRefusal(.statementMissing) { $0.name = "somebody's certificate" }
    }

    @Test func whatOlderFirmwareDoesNotSayMayBeAbsent() async throws {
        let attested = try AttestedKey(
            DeviceStatement {
                $0.firmware = [4, 3, 5]
                $0.serial = nil
                $0.formFactor = nil
            })
        let statement = try await attested.verify().statement
        #expect(statement.serial == nil && statement.formFactor == nil)
        try await attested.expectRefusal(.otherDevice, AttestationRequirements(serial: 112_233))
    }

    @Test func valuesOfAnotherLengthOrFormAreMalformed() async throws {
        try await expectRefusal(.statementMalformed) { $0.firmware = [5, 4] }
        // An octet string, as DER would have it.
        try await expectRefusal(.statementMalformed) { $0.firmware = [4, 3, 5, 4, 3] }
        try await expectRefusal(.statementMalformed) { $0.policies = [2] }
        try await expectRefusal(.statementMalformed) { $0.policies = [2, 1, 0] }
        try await expectRefusal(.statementMalformed) { $0.formFactor = [] }
        for serial: [UInt8] in [
            [], [1, 2, 3, 4], [2, 4, 1, 2, 3], [2, 1, 0x80], [2, 2, 0, 1], [2, 3, 1, 2, 3, 4],
            [2, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        ] { try await expectRefusal(.statementMalformed) { $0.serial = serial } }
        for name in ["9", "9aa", "zz", "+1", ""] {
            try await expectRefusal(.statementMalformed) { $0.name = "YubiKey PIV Attestation \(name)" }
        }
    }

    @Test func theBytesMeanWhatDevicesMeanByThem() async throws {
        let attested = try AttestedKey(
            DeviceStatement {
                $0.name = "YubiKey PIV Attestation 9C"
                $0.firmware = [5, 7, 1]
                $0.serial = [2, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]
                $0.policies = [3, 3]
                $0.formFactor = [0x83]
            })
        let statement = try await attested.verify().statement
        #expect(statement.slot == "9c")
        #expect(statement.firmware.description == "5.7.1")
        #expect(statement.serial == 0xFFFF_FFFF)
        #expect(statement.pinPolicy == .always && statement.touchPolicy == .cached)
        #expect(statement.formFactor?.description == "USB-C keychain, FIPS series")
        #expect(FormFactor(rawValue: 9).description == "unknown (9)")
    }

    @Test func aPolicyMustBeAtLeastTheOneAskedFor() async throws {
        let pins: [(UInt8, PINPolicy, Bool)] = [
            (1, .never, true), (1, .once, false), (1, .always, false), (2, .once, true), (2, .always, false),
            (3, .once, true), (3, .always, true), (4, .once, true), (4, .always, false), (5, .always, true),
            (0, .never, false), (6, .never, false), (9, .once, false),
        ]
        for (value, wanted, isEnough) in pins {
            let attested = try AttestedKey(DeviceStatement { $0.policies = [value, 1] })
            let requirements = AttestationRequirements(pinPolicy: wanted)
            if isEnough {
                try await attested.verify(requirements)
            } else {
                let error = try await attested.expectRefusal(.pinPolicyTooWeak, requirements)
                #expect(error.message.contains("'\(wanted)'"))
            }
        }
        let touches: [(UInt8, TouchPolicy, Bool)] = [
            (1, .cached, false), (1, .always, false), (3, .cached, true), (3, .always, false), (2, .cached, true),
            (2, .always, true), (0, .never, false), (4, .cached, false),
        ]
        for (value, wanted, isEnough) in touches {
            let attested = try AttestedKey(DeviceStatement { $0.policies = [2, value] })
            let requirements = AttestationRequirements(touchPolicy: wanted)
            if isEnough {
                try await attested.verify(requirements)
            } else {
                try await attested.expectRefusal(.touchPolicyTooWeak, requirements)
            }
        }
    }

    @Test func theKeyTheDeviceAndItsFirmwareMustBeTheOnesAskedFor() async throws {
        let attested = try AttestedKey()
        try await attested.verify(
            AttestationRequirements(
                publicKey: attested.publicKey, pinPolicy: .once, touchPolicy: .never, serial: 112_233,
                minimumFirmware: FirmwareVersion(5, 4, 3)))
        try await attested.expectRefusal(.otherKey, AttestationRequirements(publicKey: AttestedKey().publicKey))
        try await attested.expectRefusal(.otherDevice, AttestationRequirements(serial: 112_234))
        try await attested.expectRefusal(
            .firmwareTooOld, AttestationRequirements(minimumFirmware: FirmwareVersion(5, 4, 4)))
        try await attested.expectRefusal(
            .firmwareTooOld, AttestationRequirements(minimumFirmware: FirmwareVersion(5, 7, 0)))
    }

    @Test func versionsAreReadWithOneToThreeNumbers() {
        #expect(FirmwareVersion("5.7") == FirmwareVersion(5, 7, 0))
        #expect(FirmwareVersion("5") == FirmwareVersion(5, 0, 0))
        #expect(FirmwareVersion("5.4.3") == FirmwareVersion(5, 4, 3))
        #expect(FirmwareVersion(5, 10, 0) > FirmwareVersion(5, 9, 9))
        for text in ["", "5.", ".5", "5.4.3.2", "5.4.256", "v5", "5.-1", "5.+1", "٥"] {
            #expect(FirmwareVersion(text) == nil, "\(text)")
        }
    }
}
