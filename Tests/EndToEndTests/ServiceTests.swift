import DevelopmentController
import Foundation
import Testing

/// `ziti-keystore-renew@.service` and its timer, run by systemd.
struct ServiceTests {
    @Test(arguments: ServedKey.allCases)
    func theServiceRenewsACertificateThatIsDueOnce(_ key: ServedKey) async throws {
        let machine = try await ServiceMachine()
        try await machine.enroll(key)
        try machine.writeSecret(for: key)
        let (before, names) = (try machine.identity, try machine.names)

        let shown = try await machine.start(times: 2)
        #expect(shown["Result"] == "success", "\(machine.log)")
        #expect(shown["ActiveState"] == "inactive")
        #expect(try machine.identity != before)
        #expect(try machine.names == names)
        #expect(machine.count("/extend") == 1 && machine.count("/extend-verify") == 1)
        let log = machine.log
        #expect(log.contains("certificate until\t"), "\(log)")
        #expect(log.contains("not due until\t"), "the second start has not found it renewed: \(log)")
    }

    @Test(arguments: [ServedKey.encryptedKeyFile, .token], [true, false])
    func aWrongOrMissingSecretIsTriedOnceAndWaitsForAPerson(_ key: ServedKey, isGiven: Bool) async throws {
        let machine = try await ServiceMachine()
        try await machine.enroll(key)
        if isGiven { try machine.write("not the secret", try #require(key.credential)) }
        let before = try machine.identity

        let shown = try await machine.start()
        let log = machine.log
        #expect(shown["ExecMainStatus"] == "77", "\(log)")
        #expect(shown["ActiveState"] == "failed" && shown["SubState"] == "failed", "\(shown)")
        #expect(shown["NRestarts"] == "0")
        #expect(log.components(separatedBy: "error: ").count == 2, "not one try: \(log)")
        #expect(!log.contains("not the secret"))
        #expect(try machine.identity == before)
        #expect(machine.count("/extend") == 0)
    }

    @Test func aControllerThatIsAwayIsTriedAgainInAQuarterOfAnHour() async throws {
        let machine = try await ServiceMachine()
        try await machine.enroll(.keyFile)
        let gone = try await Controller.start()
        try await gone.shutdown()
        try machine.setController(port: gone.port)
        let shown = try await machine.start()
        #expect(shown["ExecMainStatus"] == "69", "\(machine.log)")
        #expect(shown["ActiveState"] == "activating" && shown["SubState"] == "auto-restart", "\(shown)")
        #expect(shown["RestartUSec"] == "15min")
    }

    @Test func withoutTheIdentityNothingIsRun() async throws {
        let machine = try await ServiceMachine()
        let shown = try await machine.start()
        #expect(shown["ConditionResult"] == "no" && shown["Result"] == "success", "\(shown)")
        #expect(shown["ExecMainStatus"] == "0" && shown["ActiveState"] == "inactive")
    }

    @Test func theTimerStartsTheServiceDaily() async throws {
        let machine = try await ServiceMachine()
        let shown = try await machine.start("ziti-keystore-renew@gateway.timer")
        #expect(shown["ActiveState"] == "active" && shown["SubState"] == "waiting", "\(shown)")
        #expect(shown["Unit"] == "ziti-keystore-renew@gateway.service")
        #expect(shown["TimersCalendar"]?.contains("OnCalendar=*-*-* 00:00:00") == true)
        #expect(shown["Persistent"] == "yes" && shown["FixedRandomDelay"] == "yes")
    }
}

extension ServiceMachine {
    /// How many requests to a path the controller has granted.
    func count(_ suffix: String) -> Int {
        place.controller.requests.filter { $0.path.hasSuffix(suffix) && $0.status == 200 }.count
    }
}
