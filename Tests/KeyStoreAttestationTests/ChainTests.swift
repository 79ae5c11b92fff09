import Crypto
import DeviceMaker
import Foundation
import KeyStoreCore
import SwiftASN1
import Testing
import X509

@testable import KeyStoreAttestation

/// Which chains prove something.
struct ChainTests {
    @Test(arguments: [DeviceAuthority.Algorithm.rsa, .p256])
    func aKeyUnderAGivenRootIsProvenWithAllThatTheDeviceSays(_ algorithm: DeviceAuthority.Algorithm) async throws {
        let root = try DeviceAuthority.root("Root", algorithm)
        let attested = try AttestedKey(root: root, device: try root.authority("Device", algorithm))
        let proven = try await attested.verify()
        #expect(proven.statement.publicKey == (try attested.publicKey))
        #expect(proven.statement.firmware == FirmwareVersion(5, 4, 3))
        #expect(proven.statement.serial == DeviceStatement.usualSerial)
        #expect(proven.statement.pinPolicy == .once)
        #expect(proven.statement.touchPolicy == .never)
        #expect(proven.statement.formFactor?.description == "USB-A keychain")
        #expect(proven.statement.slot == "9a")
        #expect(proven.subjects == ["CN=YubiKey PIV Attestation 9a", "CN=Device", "CN=Root"])
        #expect(proven.root == "CN=Root")
        #expect(proven.rootFingerprint == Array(SHA256.hash(data: try root.der)))
        #expect(abs(proven.validUntil.timeIntervalSince(root.certificate.notValidAfter)) < 600)
    }

    @Test func moreIntermediatesMayStandInTheBundleOrBesideTheRoots() async throws {
        let root = try DeviceAuthority.root()
        let upper = try root.authority("Upper", extensions: [.authority(2)])
        let lower = try upper.authority("Lower", extensions: [.authority(1)])
        let attested = try AttestedKey(root: root, device: try lower.authority("Device"))
        try await attested.expectRefusal(.rootNotTrusted)
        let proven = try await attested.verify(roots: [root.pem, upper.pem + lower.pem])
        #expect(proven.subjects.count == 5)
        let whole = try AttestationBundle(
            certificates: attested.certificates + [lower.der, upper.der, root.der], uri: KeyStoreURI("token:a"))
        #expect(try await attested.verify(bundle: whole).subjects == proven.subjects)
    }

    @Test func aRootThatWasNotGivenIsNotTrustedThoughTheBundleHoldsIt() async throws {
        let attested = try AttestedKey()
        let other = try DeviceAuthority.root("Other")
        let bundle = try AttestationBundle(
            certificates: attested.certificates + [attested.root.der], uri: KeyStoreURI("token:a"))
        let error = try await attested.expectRefusal(.rootNotTrusted, roots: [other.pem], bundle: bundle)
        #expect(error.message.contains("Throw-Away Attestation Root"))
        try await attested.expectRefusal(.rootNotTrusted, roots: [other.pem])
    }

    @Test func anotherRootOfTheSameNameIsFoundOutByItsKey() async throws {
        let attested = try AttestedKey()
        try await attested.expectRefusal(.signatureInvalid, roots: [DeviceAuthority.root().pem])
        // Both may be given, as they are where a maker has changed its root.
        try await attested.verify(roots: [DeviceAuthority.root().pem, attested.root.pem])
    }

    @Test func aCertificateThatWasChangedIsNotTheDevices() async throws {
        let attested = try AttestedKey()
        var certificates = try attested.certificates
        let serial: [UInt8] = [0x02, 0x03, 0x01, 0xB6, 0x69]
        let position = try #require(certificates[0].firstRange(of: serial))
        certificates[0][position.upperBound - 1] ^= 1
        let bundle = try AttestationBundle(certificates: certificates, uri: KeyStoreURI("token:a"))
        #expect(bundle.stated.serial == DeviceStatement.usualSerial - 1)
        try await attested.expectRefusal(.signatureInvalid, bundle: bundle)
    }

    @Test func anAttestationOfAnotherDeviceDoesNotPassWithTheCertificateOfThisOne() async throws {
        let root = try DeviceAuthority.root()
        let attested = try AttestedKey(root: root, device: root.authority("Device"))
        let other = try AttestedKey(root: root, device: root.authority("Device"))
        let mixed = try AttestationBundle(
            certificates: [other.certificates[0], attested.certificates[1]], uri: KeyStoreURI("token:a"))
        try await attested.expectRefusal(.signatureInvalid, bundle: mixed)
    }

    enum Part: CaseIterable { case attestation, device, root }

    @Test(arguments: Part.allCases)
    func anyCertificateOutOfDateEndsIt(_ part: Part) async throws {
        for (dates, code) in [
            (ClosedRange<Date>.past, AttestationError.Code.expired), (.future, .notYetValid),
        ] {
            let root = try DeviceAuthority.root(dates: part == .root ? dates : nil)
            let device = try root.authority("Device", dates: part == .device ? dates : nil)
            let statement = DeviceStatement { if part == .attestation { $0.dates = dates } }
            try await AttestedKey(statement, root: root, device: device).expectRefusal(code)
        }
    }

    @Test func whoIsNotMarkedAsAnAuthorityIssuesNothing() async throws {
        let root = try DeviceAuthority.root()
        let end = try Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: true)
        for extensions in [[], [end]] {
            let device = try root.authority("Device", extensions: extensions)
            try await AttestedKey(root: root, device: device).expectRefusal(.issuerNotAllowed)
            let unmarked = try DeviceAuthority.root("Unmarked", extensions: extensions)
            try await AttestedKey(root: unmarked).expectRefusal(.issuerNotAllowed)
        }
        let old = try root.authority("Device", extensions: [], version: .v1)
        try await AttestedKey(root: root, device: old).expectRefusal(.issuerNotAllowed)
    }

    @Test func anAttestedKeyCannotAttestToOthers() async throws {
        let attested = try AttestedKey()
        let usurper = DeviceAuthority.usurper(attested.attestation, key: attested.key)
        let forged = try AttestedKey(root: attested.root, device: usurper)
        let bundle = try AttestationBundle(
            certificates: forged.certificates + [attested.device.der], uri: KeyStoreURI("token:a"))
        try await forged.expectRefusal(.issuerNotAllowed, bundle: bundle)
    }

    @Test func anAttestedKeyCannotAttestToOthersThoughItsCertificateSaysSo() async throws {
        let root = try DeviceAuthority.root()
        let device = try root.authority("Device", extensions: [.authority()])
        let marked = DeviceStatement { $0.others = [try! .authority()] }
        let attested = try AttestedKey(marked, root: root, device: device)
        try await attested.expectRefusal(.issuerNotAllowed)
        let forged = try AttestedKey(
            root: root, device: DeviceAuthority.usurper(attested.attestation, key: attested.key))
        let bundle = try AttestationBundle(
            certificates: forged.certificates + [device.der], uri: KeyStoreURI("token:a"))
        let error = try await forged.expectRefusal(.issuerNotAllowed, bundle: bundle)
        #expect(error.message.contains("is an attestation certificate"))
    }

    @Test func aPathThatIsLongerThanAllowedIsRefused() async throws {
        let root = try DeviceAuthority.root(extensions: [.authority(0)])
        let device = try root.authority("Device")
        let error = try await AttestedKey(root: root, device: device).expectRefusal(.issuerNotAllowed)
        #expect(error.message.contains("may have 0 authorities below it, and has 1"))
    }

    @Test func anAuthorityThatMayNotSignCertificatesIsRefused() async throws {
        let root = try DeviceAuthority.root()
        let usage = try Certificate.Extension(KeyUsage(digitalSignature: true), critical: true)
        let device = try root.authority("Device", extensions: [.authority(0), usage])
        try await AttestedKey(root: root, device: device).expectRefusal(.issuerNotAllowed)
        let right = try Certificate.Extension(KeyUsage(keyCertSign: true), critical: true)
        try await AttestedKey(root: root, device: root.authority("Device", extensions: [.authority(0), right])).verify()
    }

    @Test func anExtensionThatIsCriticalAndUnknownIsRefusedAndOneThatIsNotCriticalIsPassedOver() async throws {
        let identifier: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 10]
        for critical in [true, false] {
            let unknown = Certificate.Extension(oid: identifier, critical: critical, value: [1])
            let root = try DeviceAuthority.root()
            let below = try root.authority("Device", extensions: [.authority(0), unknown])
            let above = try AttestedKey(DeviceStatement { $0.others = [unknown] })
            for attested in [try AttestedKey(root: root, device: below), above] {
                if critical {
                    let error = try await attested.expectRefusal(.issuerNotAllowed)
                    #expect(error.message.contains("1.3.6.1.4.1.41482.3.10"))
                } else {
                    try await attested.verify()
                }
            }
        }
    }

    @Test func aRootIsNoAttestationThoughItSaysWhatOneSays() async throws {
        let root = try DeviceAuthority.root(
            "YubiKey PIV Attestation 9a",
            extensions: [
                .authority(), .init(oid: .attestedFirmware, critical: false, value: [5, 4, 3]),
                .init(oid: .attestedPolicies, critical: false, value: [2, 1]),
            ])
        let bundle = try AttestationBundle(certificates: [root.der], uri: KeyStoreURI("token:a"))
        let error = try await AttestedKey(root: root).expectRefusal(.issuerNotAllowed, bundle: bundle)
        #expect(error.message.contains("is a root itself"))
    }

    @Test func manyCertificatesThatSignedEachOtherAreGivenUpOn() async throws {
        // All of one name, so that each might have issued each.
        let root = try DeviceAuthority.root()
        let first = try root.authority("Ring", extensions: [.authority()])
        var ring = [try first.der]
        for _ in 1..<AttestationBundle.maximumChainLength {
            ring.append(try first.authority("Ring", extensions: [.authority()]).der)
        }
        let attested = try AttestedKey(root: root, device: first)
        let bundle = try AttestationBundle(
            certificates: [attested.certificates[0]] + ring, uri: KeyStoreURI("token:a"))
        try await attested.verify(bundle: bundle)
        try await attested.expectRefusal(.rootNotTrusted, roots: [DeviceAuthority.root("Other").pem], bundle: bundle)
    }

    @Test func rootsThatAreNoneAreRefused() throws {
        let root = try DeviceAuthority.root()
        let device = try root.authority("Device")
        let key = P256.Signing.PrivateKey().pemRepresentation
        for texts in [
            [], [""], ["no PEM"], [key], [try root.pem + key], [try device.pem],
            [try root.pem.replacingOccurrences(of: "MII", with: "MIA")],
            [String(repeating: " ", count: AttestationRoots.maximumLength + 1)],
            [String(repeating: try root.pem, count: 65)], Array(repeating: try root.pem, count: 65),
        ] {
            #expect(throws: AttestationError(.rootsInvalid, "")) { try AttestationRoots(pem: texts) }
        }
        #expect(try AttestationRoots(pem: [root.pem + device.pem]).anchors == [root.certificate])
    }
}
