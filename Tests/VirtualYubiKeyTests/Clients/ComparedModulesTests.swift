import ChildProcess
import Foundation
import OpenSSL
import TemporaryFiles
import Testing
import VirtualYubiKey

/// The command line's comparison of real modules on one key, and of the direct path beside them; and what it costs the key.
@Suite(.serialized)
struct ComparedModulesTests {
    private let daemon: PCSCDaemon
    private let key: YubiKey
    private let folder = TemporaryFolder()

    init() throws {
        daemon = try PCSCDaemon()
        key = try YubiKey()
        key.putCHUID()
        for (algorithm, slot) in [(KeyAlgorithm.p256, Slot.authentication), (.rsa2048, .signature)] {
            try key.generate(algorithm, in: slot)
            try key.putCertificate(in: slot, commonName: "virtual")
        }
        try folder.write("pin", "123456\n")
        try folder.write("wrong-pin", "654321\n")
    }

    /// Compares ykcs11 and OpenSC on the key of this id.
    private func compare(id: String, _ options: [String]) throws -> ProgramOutcome {
        try key.plug(intoPort: daemon.ports[0])
        defer { key.unplug() }
        let references = ["libykcs11.so.2", "opensc-pkcs11.so"].map { module in
            "pkcs11:id=\(id)?module-path=/usr/lib/x86_64-linux-gnu/\(module)"
        }
        var program = Program.built("ziti-keystore", ["compare", "--count", "2", "--json"] + references + options)
        program.environment["XDG_CONFIG_HOME"] = folder.path
        program.environment["HOME"] = folder.path
        return try program.runBlocking()
    }

    private func items(_ outcome: ProgramOutcome) throws -> [[String: Any]] {
        try #require(outcome.status == 0, "\(outcome)")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any]
        return try #require(object?["compare"] as? [[String: Any]])
    }

    /// How often the key has rejected a PIN. Asking for the tries left, without one, is no try.
    private var rejections: Int {
        key.log.entries.count { entry in
            entry.ins == 0x20 && entry.lc > 0 && entry.statusWord?.description.uppercased().hasPrefix("63C") == true
        }
    }

    @Test(arguments: [("%01", Slot.authentication), ("%02", .signature)])
    func twoModulesLeadToOneKeyAndCostNoTry(_ id: String, _ slot: Slot) throws {
        let items = try items(try compare(id: id, ["--pin-source", folder.path("pin")]))
        #expect(items.count == 2)
        let publicKey = try #require(try key.publicKeyDER(in: slot))
        let digest = try OpenSSLCommand.run(["dgst", "-sha256", "-r"], input: publicKey).prefix(64)
        for item in items {
            #expect(item["sha256"] as? String == String(decoding: digest, as: UTF8.self))
            #expect((item["protection"] as? [String])?.contains("login") == true)
        }
        #expect(rejections == 0)
        #expect(key.pinTriesLeft == 3)
    }

    @Test func aRejectedPINCostsOneTryForBothPaths() throws {
        let outcome = try compare(id: "%01", ["--pin-source", folder.path("wrong-pin")])
        #expect(outcome.status == 77, "\(outcome)")
        #expect(rejections == 1)
        #expect(key.pinTriesLeft == 2)
    }

    @Test func aWrongPINOnPurposeIsOneOnEachPathAndLeavesAllTries() throws {
        let items = try items(try compare(id: "%01", ["--pin-source", folder.path("pin"), "--allow-pin-failure"]))
        for item in items {
            #expect((item["wrongPIN"] as? [String: Any])?["code"] as? String == "pinIncorrect", "\(item)")
        }
        #expect(rejections == 2)
        #expect(key.pinTriesLeft == 3)
    }

    @Test func noWrongPINIsSentOnPurposeWhereTheLastTryIsLeft() throws {
        _ = try compare(id: "%01", ["--pin-source", folder.path("wrong-pin")])
        _ = try compare(id: "%01", ["--pin-source", folder.path("wrong-pin")])
        #expect(key.pinTriesLeft == 1)
        let outcome = try compare(id: "%01", ["--pin-source", folder.path("pin"), "--allow-pin-failure"])
        #expect(outcome.status == 77, "\(outcome)")
        #expect(key.pinTriesLeft == 1)
    }

    @Test func oneReferenceIsOpenedDirectlyAndThroughAModule() throws {
        try key.plug(intoPort: daemon.ports[0])
        defer { key.unplug() }
        var program = Program.built(
            "ziti-keystore",
            [
                "compare", "pkcs11:serial=112233;id=%01?module-path=/usr/lib/x86_64-linux-gnu/libykcs11.so.2",
                "--backends", "piv,pkcs11", "--count", "2", "--json", "--pin-source", folder.path("pin"),
            ])
        program.environment["XDG_CONFIG_HOME"] = folder.path
        program.environment["HOME"] = folder.path
        let items = try items(try program.runBlocking())
        #expect(items.map { $0["backend"] as? String } == ["piv", "pkcs11"])
        let calls = items.map { $0["calls"] as? [String: Any] }
        #expect(calls.map { $0?["unit"] as? String } == ["APDUs", "PKCS#11 calls"])
        #expect(calls.map { $0?["sign"] as? Int } == [1, 2])
        #expect((items[0]["onlyHere"] as? [String])?.contains("ability attest") == true)
        #expect((items[0]["properties"] as? [String: String])?.isEmpty == false)
        #expect(rejections == 0 && key.pinTriesLeft == 3)
    }
}
