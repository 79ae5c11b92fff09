import ChildProcess
import DevelopmentController
import Foundation
import Testing
import VirtualYubiKey

/// What others saw: the controller, the key, and Yubico's own tool.
extension KeyPlace {
    /// How often a one-time token was sent to the controller.
    var redemptions: Int { controller.requests.count { $0.method == "POST" && $0.path.hasSuffix("/enroll") } }

    /// How often the key has rejected a PIN. Asking for the tries that are left is none.
    var rejectedPINs: Int {
        key.log.entries.count { entry in
            let status = entry.statusWord?.description.uppercased() ?? ""
            return [0x20, 0x24, 0x2C].contains(entry.ins) && entry.lc > 0
                && (status.hasPrefix("63C") || status == "6983")
        }
    }

    /// That nothing cost the PIN a try, not even one that a later success gave back.
    func expectNoTryLost(_ location: SourceLocation = #_sourceLocation) {
        #expect(rejectedPINs == 0, sourceLocation: location)
        #expect(key.pinTriesLeft == 3, sourceLocation: location)
    }

    /// Logs in with an identity file, and has the controller say who came, and with which key.
    func authenticate(
        _ name: String, as enrollment: Enrollment, with slot: Slot, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let before = controller.apiSessions.count
        try await run(["authenticate", name, "--pin-source", "pin"], location)
        try expectLogin(of: enrollment, with: slot, after: before, location)
    }

    /// That the controller has one more API session than before, for this identity, over a connection that presented the key
    /// in the slot.
    func expectLogin(
        of enrollment: Enrollment, with slot: Slot, after before: Int = 0,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let sessions = controller.apiSessions
        #expect(sessions.count == before + 1, sourceLocation: location)
        #expect(sessions.last?.identityID == enrollment.identityID, sourceLocation: location)
        let login = controller.requests.last { $0.path.hasSuffix("/authenticate") && $0.status == 200 }
        let publicKey = try #require(try key.publicKeyDER(in: slot), sourceLocation: location)
        #expect(login?.leafPublicKeyDER == publicKey, sourceLocation: location)
    }

    /// That Yubico's tool reads the certificate of the identity file from the slot.
    func expectCertificate(
        of name: String, in slot: Slot, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let read = try await system("yubico-piv-tool", ["-a", "read-certificate", "-s", "\(slot)"], location)
        let body = read.outputText.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        try #require(!body.isEmpty, "\(read)", sourceLocation: location)
        #expect(
            try identity(name, "cert").replacing("\n", with: "").contains(body), "another certificate is in the slot",
            sourceLocation: location)
    }
}
