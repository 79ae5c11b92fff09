import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// Every key type in each backend, enrolled and logged in with over each version of TLS.
struct EveryKeyTypeTests {
    @Test(arguments: JudgedKeyTests.types, [TLSVersions.tls12, .tls13])
    func aKeyInSoftHSMEnrollsAndLogsIn(_ type: [String], tls: TLSVersions) async throws {
        let place = try await Workplace { $0.tls = tls }
        let token = SoftHSM.shared.makeToken(label: "every type")
        try place.write(token.pin, "pin")
        try await enrollAndLogIn(
            place, ["-k", token.uri("object=key"), "--generate"] + type, secrets: ["--pin-source", "pin"], tls)
    }

    @Test(arguments: JudgedKeyTests.types, [TLSVersions.tls12, .tls13])
    func aSoftwareKeyEnrollsAndLogsIn(_ type: [String], tls: TLSVersions) async throws {
        let place = try await Workplace { $0.tls = tls }
        try place.write("a passphrase", "passphrase")
        try await enrollAndLogIn(
            place, ["-k", "file:key.pem", "--generate"] + type, secrets: ["--passphrase-source", "passphrase"], tls)
    }

    private func enrollAndLogIn(
        _ place: Workplace, _ key: [String], secrets: [String], _ tls: TLSVersions
    ) async throws {
        let enrollment = try place.makeJWT("endpoint")
        try await place.run(["enroll", "-j", "endpoint.jwt", "-o", "endpoint.json"] + key + secrets)
        let outcome = try await place.run(["authenticate", "endpoint.json"] + secrets)
        #expect(outcome.outputText.contains("TLS \(tls == .tls12 ? "1.2" : "1.3")"), "\(outcome)")
        #expect(place.controller.apiSessions.map(\.identityID) == [enrollment.identityID])
    }
}
