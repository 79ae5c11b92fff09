import Crypto
import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

struct IdentityConversionTests {
    private static let legacy = "sdk://module?id=01&pin=1234"

    private func convert(
        _ rig: Rig, to style: IdentityStyle, secrets: Bool = false
    ) async throws -> ConvertedIdentity {
        try await IdentityConversion(to: style, includesSecrets: secrets)
            .convert(try rig.identity(), key: KeySource(store: rig.store, pin: .none))
    }

    private func object(_ identity: IdentityFile) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(identity.json())) as? [String: Any])
    }

    @Test func theCSDKsDialectHasBarePEMAndABareAddress() async throws {
        let rig = try await Rig.enrolled(script: .init(sdkReference: Self.legacy))
        let converted = try await convert(rig, to: .cSDK, secrets: true)
        let object = try object(converted.identity)
        #expect(object["ztAPI"] as? String == rig.controller.url)
        #expect(object["ztAPIs"] as? [String] == [rig.controller.url])
        #expect(Set(object.keys) == ["ztAPI", "ztAPIs", "id"])
        let id = try #require(object["id"] as? [String: String])
        #expect(id["cert"]?.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
        #expect(id["ca"]?.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
        #expect(id["key"] == Self.legacy)
        #expect(!converted.lacksSecret && converted.identity.holdsSecret)
        try await rig.controller.shutdown()
    }

    @Test func theGoSDKsDialectHasThePathAndThePrefix() async throws {
        let rig = try await Rig.enrolled(script: .init(sdkReference: Self.legacy))
        let converted = try await convert(rig, to: .goSDK)
        let object = try object(converted.identity)
        #expect(object["ztAPI"] as? String == rig.controller.url + "/edge/client/v1")
        let id = try #require(object["id"] as? [String: String])
        #expect(id["cert"]?.hasPrefix("pem:-----BEGIN") == true)
        #expect(id["key"] == "sdk://module?id=01", "the PIN is left out unless it is asked for")
        #expect(converted.lacksSecret && !converted.identity.holdsSecret)
        try await rig.controller.shutdown()
    }

    @Test func aPrivateKeyIsWrittenOnlyIfItIsAskedFor() async throws {
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        let rig = try await Rig.enrolled(script: .init(sdkReference: pem))
        let without = try await convert(rig, to: .goSDK)
        #expect(without.identity.key == (try rig.identity().key))
        #expect(without.lacksSecret)
        #expect(try await convert(rig, to: .goSDK, secrets: true).identity.key == "pem:" + pem)
        #expect(try await convert(rig, to: .cSDK, secrets: true).identity.key == pem)
        try await rig.controller.shutdown()
    }

    @Test func thereAndBackIsTheSameFile() async throws {
        let rig = try await Rig.enrolled(script: .init(sdkReference: Self.legacy))
        let before = try rig.identity()
        var there = try await convert(rig, to: .cSDK, secrets: true).identity
        there.others["theirs"] = .object(["a": .integer(1)])
        let back = try await IdentityConversion(to: .native).convert(
            there, key: KeySource(store: rig.store, pin: .none))
        #expect(back.identity.key == before.key)
        #expect(back.identity.certificates == before.certificates)
        #expect(back.identity.others["theirs"] == .object(["a": .integer(1)]))
        #expect(try object(back.identity)["enableHa"] as? Bool == false)
        #expect(try object(back.identity)["ztAPIs"] is NSNull)
        try await rig.controller.shutdown()
    }

    @Test func severalControllersAreWrittenInTheDialectsForm() async throws {
        let rig = try await Rig.enrolled(script: .init(sdkReference: Self.legacy))
        var identity = try rig.identity()
        let key = KeySource(store: rig.store, pin: .none)
        identity.controllerAPIs = [rig.controller.url, "https://other:1280/edge/client/v1", "neither"]
        let go = try await IdentityConversion(to: .goSDK).convert(identity, key: key).identity
        let path = "/edge/client/v1"
        #expect(go.controllerAPIs == [rig.controller.url + path, "https://other:1280" + path, "neither"])
        let c = try await IdentityConversion(to: .cSDK).convert(go, key: key).identity
        #expect(c.controllerAPIs == [rig.controller.url, "https://other:1280"])
        try await rig.controller.shutdown()
    }

    @Test func aKeyThatIsNotTheCertificatesIsRefused() async throws {
        let rig = try await Rig.enrolled()
        let other = try ScriptedStore(Rig.freshURI())
        try await other.makeKey(.ecP256)
        await #expect(throws: EnrollmentError(.identityInvalid, "")) {
            try await IdentityConversion(to: .native).convert(
                try rig.identity(), key: KeySource(store: other, pin: .none))
        }
        try await rig.controller.shutdown()
    }

    @Test func aBackendWithoutSDKReferencesIsRefusedForTheSDKs() async throws {
        let rig = try await Rig.enrolled()
        let error = try await #require(throws: EnrollmentError.self) { try await convert(rig, to: .goSDK) }
        #expect(error.keyStoreError?.code == .unsupportedOperation)
        try await rig.controller.shutdown()
    }

    @Test func aPrivateKeyInTheFileStaysThereForTheSDKsAndIsRefusedForOurs() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        identity.key = "pem:-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        let converted = try await IdentityConversion(to: .cSDK).convert(identity, key: nil)
        #expect(converted.identity.key.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        #expect(converted.key == nil)
        let error = try await #require(throws: EnrollmentError.self) {
            try await IdentityConversion(to: .native).convert(identity, key: nil)
        }
        #expect(error.code == .identityInvalid)
        #expect(error.hint.contains("--import"))
        #expect(!"\(error)".contains("AAAA"))
        try await rig.controller.shutdown()
    }

    @Test func importingNeedsAKeyInTheFile() async throws {
        let rig = try await Rig.enrolled()
        await #expect(throws: EnrollmentError(.identityInvalid, "")) {
            try await IdentityConversion(to: .native, importPlace: rig.store.uri).convert(
                try rig.identity(), key: KeySource(store: rig.store, pin: .none))
        }
        try await rig.controller.shutdown()
    }

    @Test func aConvertedIdentityOverwritesNothing() async throws {
        let rig = try await Rig.enrolled()
        let identity = try rig.identity()
        #expect(throws: EnrollmentError(.outputExists, "")) { try identity.write(to: rig.output) }
        try identity.write(to: rig.folder.path("copy.json"))
        #expect(try rig.folder.read("copy.json") == rig.folder.read("identity.json"))
        try await rig.controller.shutdown()
    }

    // MARK: Importing

    /// An identity that is enrolled with the key, which the file then holds itself.
    private func enrolled(holding pem: String) async throws -> (Rig, IdentityFile) {
        let rig = try await Rig.start(key: nil)
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        _ = try await #require(session.importing).importKey(pem: PIN(pem), at: rig.store.uri)
        try await rig.enroll()
        var identity = try rig.identity()
        identity.key = "pem:" + pem
        return (rig, identity)
    }

    @Test func importingCanBeRepeatedAndNeverTakesAnothersKeyForTheCertificates() async throws {
        let (rig, identity) = try await enrolled(holding: P256.Signing.PrivateKey().pemRepresentation)
        let place = try ScriptedStore(Rig.freshURI())
        let conversion = IdentityConversion(to: .native, importPlace: place.uri)
        let first = try await conversion.convert(identity, key: KeySource(store: place, pin: .none))
        let second = try await conversion.convert(identity, key: KeySource(store: place, pin: .none))
        let (text, again) = (try first.identity.json(), try second.identity.json())
        #expect(first.isImported && second.isImported && text == again)
        #expect(try await place.keyCount() == 1)
        let taken = try ScriptedStore(Rig.freshURI())
        try await taken.makeKey(.ecP256)
        let error = try await #require(throws: EnrollmentError.self) {
            try await IdentityConversion(to: .native, importPlace: taken.uri)
                .convert(identity, key: KeySource(store: taken, pin: .none))
        }
        #expect(error.keyStoreError?.code == .keyExists)
        try await rig.controller.shutdown()
    }

    @Test func aPrivateKeyThatIsNotTheCertificatesIsNotImported() async throws {
        let (rig, enrolled) = try await enrolled(holding: P256.Signing.PrivateKey().pemRepresentation)
        var changed = enrolled
        changed.key = P256.Signing.PrivateKey().pemRepresentation
        let identity = changed
        let place = try ScriptedStore(Rig.freshURI())
        let error = try await #require(throws: EnrollmentError.self) {
            try await IdentityConversion(to: .native, importPlace: place.uri)
                .convert(identity, key: KeySource(store: place, pin: .none))
        }
        #expect(error.code == .identityInvalid)
        #expect(try await place.keyCount() == 0)
        try await rig.controller.shutdown()
    }
}
