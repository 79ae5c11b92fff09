import ChildProcess
import Testing

/// The scripts that tests and developers begin with.
@Suite(.serialized)
struct ScriptTests {
    private func script(_ name: String, _ arguments: [String] = []) -> Program {
        Program("\(Checkout.path)/Tests/VirtualYubiKey/\(name)", arguments, workingDirectory: Checkout.path)
    }

    @Test func aCommandRunsInNamespacesOfItsOwnAndItsStatusComesThrough() throws {
        let outcome = try script("in-namespace", ["sh", "-c", "ip -brief link; ls -A /run/pcscd; exit 7"]).runBlocking()
        #expect(outcome.status == 7)
        #expect(outcome.outputText.split(separator: "\n").count == 1)
        #expect(outcome.outputText.hasPrefix("lo "))
    }

    @Test func whereNamespacesAreNotPermittedItFailsWithTheReason() throws {
        let script = script("in-namespace", ["true"])
        let outcome = try Program.system("setpriv", ["--bounding-set", "-sys_admin", script.path, "true"]).runBlocking()
        #expect(outcome.status == 1)
        #expect(outcome.errorText.contains("permits no mount and network namespaces"))
        #expect(outcome.errorText.contains("Operation not permitted"))
    }

    @Test func withoutACommandItTellsItsUse() throws {
        let outcome = try script("in-namespace").runBlocking()
        #expect(outcome.status == 1)
        #expect(outcome.errorText.contains("usage:"))
    }

    @Test func aDeveloperGetsAShellWithAWorkingKey() throws {
        let serial = "99887766"
        var program = script("develop")
        program.environment["SERIAL"] = serial
        program.environment["SHELL"] = "/bin/sh"
        program.input = Array(
            """
            yubico-piv-tool -a status
            virtual-yubikey send status
            rm "$(dirname "$VIRTUAL_YUBIKEY_SOCKET")/\(serial).json"
            exit 3

            """.utf8)
        let outcome = try program.runBlocking()
        #expect(outcome.status == 3, "\(outcome)")
        #expect(outcome.outputText.contains("Serial Number:\t\(serial)\n"))
        #expect(outcome.outputText.contains("CN=virtual 9c"))
        #expect(outcome.outputText.contains("serial \(serial), firmware 5.4.3, plugged in"))
    }
}
