import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing
import ZitiCompatibility

/// Every cell of the table of methods, controllers, places for the key and judges, but for the YubiKey's, which are tried where
/// there is one.
struct CompatibilityTests {
    private func expect(
        _ cell: CompatibilityCase, serverKey: ServerKeyType = .p256,
        _ trial: (Workplace) throws -> CompatibilityTrial
    ) async throws {
        let place = try await Workplace {
            $0.version = cell.version
            $0.serverKey = serverKey
        }
        let outcome = try await trial(place).outcome(of: cell.method)
        #expect(outcome == cell.outcome)
    }

    private func trial(_ place: Workplace, key: String?) -> CompatibilityTrial {
        CompatibilityTrial(
            controller: place.controller, folder: place.folder, key: key,
            secrets: (making: ["--no-passphrase"], writing: [], using: [])
        ) { try await place.tool($0).run() }
    }

    @Test(arguments: CompatibilityCase.all(in: .keyFile)) func aKeyFile(_ cell: CompatibilityCase) async throws {
        try await expect(cell) { trial($0, key: "file:laptop.pem") }
    }

    @Test(arguments: CompatibilityCase.all(in: .noKey)) func withoutAKey(_ cell: CompatibilityCase) async throws {
        try await expect(cell) { trial($0, key: nil) }
    }

    @Test(arguments: CompatibilityCase.all(in: .softHSM)) func aKeyInSoftHSM2(_ cell: CompatibilityCase) async throws {
        let token = SoftHSM.shared.makeToken(label: "end to end")
        let pin = ["--pin-source", "pin"]
        try await expect(cell) { place in
            try place.write(token.pin, "pin")
            return CompatibilityTrial(
                controller: place.controller, folder: place.folder, key: token.uri("object=laptop;id=%0A%01"),
                secrets: (making: pin, writing: pin, using: pin), storesCertificates: true
            ) { try await place.tool($0).run() }
        }
    }

    /// The C SDK verifies nothing that was not signed with RSA, and its authors' wheel takes unencrypted software keys only.
    @Test(arguments: CompatibilityCase.all(in: .sdk))
    func theCSDKWithTheIdentityOfAKeyFile(_ cell: CompatibilityCase) async throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let python = root.appending(path: ".build/python/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: python), "the OpenZiti C SDK is missing: run make setup")
        try await expect(cell, serverKey: .rsa2048) { place in
            var trial = trial(place, key: "file:laptop.pem")
            trial.options = ["--sdk-compatible"]
            trial.judge = { identity in
                let driver = root.appending(path: "Tests/Judges/ziti_sdk.py").path
                try await place.system("timeout", ["-k", "5", "40", python, driver, "authenticate", identity])
            }
            return trial
        }
    }

    @Test func noColumnIsEmpty() {
        for column in [CompatibilityCase.Column.keyFile, .softHSM, .yubiKey, .noKey, .sdk] {
            #expect(CompatibilityCase.all(in: column).count >= 3, "the page has no column '\(column.rawValue)'")
        }
    }
}
