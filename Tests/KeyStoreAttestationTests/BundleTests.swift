import Crypto
import DeviceMaker
import Foundation
import KeyStoreCore
import Testing
import X509

@testable import KeyStoreAttestation

/// Bundles as they are written and read.
struct BundleTests {
    @Test func whatIsWrittenIsReadAgain() async throws {
        let attested = try AttestedKey()
        let certificate = try attested.root.attest(to: Certificate.PublicKey(attested.key.publicKey))
        let bundle = try attested.bundle(keyCertificate: certificate)
        let json = try bundle.json()
        #expect(json.last == 0x0A && json.count { $0 == 0x0A } == 1)
        let text = String(decoding: json, as: UTF8.self)
        #expect(!text.contains("314159"))
        let again = try AttestationBundle(json: json)
        #expect(again.uri == "token:serial=112233;slot=9a?pin-value=***")
        #expect(again.stated == bundle.stated)
        #expect(again.stated.serial == 112_233 && again.stated.firmware == "5.4.3" && again.stated.slot == "9a")
        #expect(again.stated.pinPolicy == "once" && again.stated.touchPolicy == "never")
        #expect(again.stated.formFactor == "USB-A keychain")
        #expect(again.stated.publicKeySHA256?.count == 64)
        #expect(again.attestationCertificate == bundle.attestationCertificate)
        #expect(again.chain == bundle.chain)
        #expect(again.keyCertificate == bundle.keyCertificate)
        #expect(abs(try #require(again.createdAt).timeIntervalSince(Date())) < 600)
        #expect(try again.json() == json)
        try await attested.verify(bundle: again)
    }

    @Test(
        arguments: [
            ("slot", "9c"), ("serial", 1), ("firmware", "5.7.1"), ("formFactor", "USB-C nano"), ("pinPolicy", "always"),
            ("touchPolicy", "always"), ("publicKeySHA256", String(repeating: "0", count: 64)),
        ] as [(String, any Sendable)])
    func aFieldThatContradictsTheCertificatesIsNamed(_ field: String, _ value: any Sendable) async throws {
        let attested = try AttestedKey()
        let changed = try AttestationBundle(json: attested.bundle().changing(field, to: value))
        let error = try await attested.expectRefusal(.fieldContradicted, bundle: changed)
        #expect(error.message.contains("'\(field)'"))
        // What is not stated contradicts nothing.
        try await attested.verify(bundle: try AttestationBundle(json: attested.bundle().changing(field, to: nil)))
        try await attested.verify(bundle: try AttestationBundle(json: attested.bundle().changing(field, to: NSNull())))
    }

    @Test func aFieldIsStatedThatTheDeviceDoesNotSay() async throws {
        let attested = try AttestedKey(DeviceStatement { $0.serial = nil })
        let changed = try AttestationBundle(json: attested.bundle().changing("serial", to: 112_233))
        try await attested.expectRefusal(.fieldContradicted, bundle: changed)
    }

    @Test func theCertificateBesideTheKeyMustBeForTheSameKey() async throws {
        let attested = try AttestedKey()
        let other = try attested.root.attest(to: Certificate.PublicKey(P256.Signing.PrivateKey().publicKey))
        let error = try await attested.expectRefusal(
            .fieldContradicted, bundle: attested.bundle(keyCertificate: other))
        #expect(error.message.contains("'keyCertificate'"))
    }

    @Test func whatIsNoBundleIsMalformed() throws {
        let bundle = try AttestedKey().bundle()
        let json = try bundle.json()
        let texts: [String] = [
            "", "{", "[]", "null", "7", "\"\"", "{}", "{\"format\":1}", "{\"format\":2,\"attestation\":{}}",
            "{\"format\":\"1\"}", "{\"format\":1,\"attestation\":[]}", "{\"format\":1,\"attestation\":{}}",
            "{\"format\":1,\"attestation\":{\"attestationCertificate\":\"\",\"chain\":\"\"}}",
            "\u{FEFF}nonsense", String(repeating: "[", count: 50_000), String(repeating: "{\"a\":", count: 20_000),
        ]
        var inputs: [[UInt8]] = texts.map { Array($0.utf8) }
        inputs += [[0xFF, 0xFE, 0], Array(json.dropLast(2)), [0] + json, json + json]
        let fields: [(String, Any?)] = [
            ("attestationCertificate", nil), ("attestationCertificate", 7), ("attestationCertificate", "none"),
            ("attestationCertificate", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
            ("attestationCertificate", P256.Signing.PrivateKey().pemRepresentation), ("chain", nil), ("chain", "x"),
            ("chain", []), ("keyCertificate", ""), ("serial", -1), ("serial", 1.5), ("serial", "112233"),
            ("slot", 9), ("firmware", "5\n4"), ("uri", String(repeating: "x", count: 4097)),
            ("createdAt", "yesterday"), ("createdAt", 0),
        ]
        for (field, value) in fields { inputs.append(try bundle.changing(field, to: value)) }
        for input in inputs {
            let error = #expect(throws: AttestationError.self) { try AttestationBundle(json: input) }
            #expect(
                error == AttestationError(.bundleMalformed, "") || error == AttestationError(.certificateMalformed, ""),
                "\(error.map { "\($0)" } ?? "") for \(String(decoding: input.prefix(80), as: UTF8.self))")
        }
    }

    @Test func twoCertificatesWhereOneBelongsAreMalformed() throws {
        let bundle = try AttestedKey().bundle()
        let pem = CertificateText.pem([bundle.attestationCertificate])
        for field in ["attestationCertificate", "keyCertificate"] {
            let changed = try bundle.changing(field, to: pem + pem)
            #expect(throws: AttestationError(.bundleMalformed, "")) { try AttestationBundle(json: changed) }
        }
    }

    @Test func aMemberThatIsNotKnownIsPassedOver() async throws {
        let attested = try AttestedKey()
        try await attested.verify(bundle: AttestationBundle(json: attested.bundle().changing("color", to: "blue")))
    }

    @Test func whatIsTooLargeIsNotRead() throws {
        let attested = try AttestedKey()
        let bundle = try attested.bundle()
        let padded = try bundle.json() + Array(repeating: 0x20, count: AttestationBundle.maximumLength)
        #expect(throws: AttestationError(.bundleTooLarge, "")) { try AttestationBundle(json: padded) }
        let long = Certificate.Extension(
            oid: [1, 3, 6, 1, 4, 1, 41482, 3, 99], critical: false,
            value: Array(repeating: 0, count: AttestationBundle.maximumCertificateLength)[...])
        let big = try AttestedKey(DeviceStatement { $0.others = [long] })
        #expect(throws: AttestationError(.bundleTooLarge, "")) { try big.bundle() }
        let chain = String(repeating: try attested.root.pem, count: AttestationBundle.maximumChainLength + 1)
        let many = try bundle.changing("chain", to: chain)
        #expect(throws: AttestationError(.bundleTooLarge, "")) { try AttestationBundle(json: many) }
    }

    @Test func whatAStoreAnswersMustBeCertificates() throws {
        let uri = try KeyStoreURI("token:a")
        let attested = try AttestedKey()
        let der = try attested.certificates
        for certificates in [[], [[]], [[1, 2, 3]], [der[0], []], [Array(der[0].dropLast())], [der[0] + [0]]] {
            #expect(throws: AttestationError(.certificateMalformed, "")) {
                try AttestationBundle(certificates: certificates, uri: uri)
            }
        }
        #expect(throws: AttestationError(.certificateMalformed, "")) {
            try AttestationBundle(certificates: der, keyCertificate: [0x30, 0], uri: uri)
        }
    }
}
