import ChildProcess
import Foundation
import Testing

/// The configuration file that says which modules a file's reference may name.
struct ConfigurationTests {
    private func line(_ configuration: String, mode: mode_t = 0o600) throws -> CommandLine {
        let line = try CommandLine()
        mkdir(line.path("config/ziti-keystore"), 0o700)
        line.write("config/ziti-keystore/config.json", configuration, mode: mode)
        return line
    }

    @Test(arguments: [
        (#"{"modles":[]}"#, "'modles'"), (#"{"modules":"a"}"#, "'modules'"), (#"{"modules":[1]}"#, "modules[0]"),
        (#"{"modules":null}"#, "'modules'"), (#"{"modules":["a.so"]}"#, "'a.so'"), ("[]", "object"), ("{", "JSON"), ("", "JSON"),
    ])
    func aFileThatCannotBeUnderstoodIsAnErrorThatNamesFileAndKey(_ text: String, _ word: String) async throws {
        let line = try line(text)
        let outcome = try await line.run(["uri", "file:key.pem", "--json"])
        #expect(outcome.status == 78)
        #expect(outcome.jsonCode == "invalidConfiguration")
        let message = try #require(outcome.jsonError?["message"] as? String)
        #expect(message.contains(line.path("config/ziti-keystore/config.json")))
        #expect(message.contains(word), "\(message)")
    }

    @Test(arguments: [0o620, 0o602] as [mode_t])
    func aFileThatOthersCanWriteIsRefused(_ mode: mode_t) async throws {
        let line = try line(#"{"modules":[]}"#, mode: mode)
        let outcome = try await line.run(["uri", "file:key.pem"])
        #expect(outcome.status == 78)
        #expect(outcome.errorText.contains("write"))
    }

    @Test func aFileThatIsNoRegularFileOrTooLongIsRefused() async throws {
        let folder = try CommandLine()
        for name in ["config/ziti-keystore", "config/ziti-keystore/config.json"] { mkdir(folder.path(name), 0o700) }
        #expect(try await folder.run(["uri", "file:key.pem"]).status == 78)
        let long = try line(#"{"modules":[]}"# + String(repeating: " ", count: 70_000))
        #expect(try await long.run(["uri", "file:key.pem"]).status == 78)
    }

    @Test(arguments: ["{}", #"{"modules":[]}"#, #"{"modules":["/usr/lib/x.so"]}"#])
    func aFileThatIsRightIsNoError(_ text: String) async throws {
        let line = try line(text)
        #expect(try await line.run(["uri", "file:key.pem"]).status == 0)
        // A relative XDG_CONFIG_HOME does not count, and without one the home directory does.
        line.write("config/ziti-keystore/config.json", "{", mode: 0o600)
        #expect(try await line.run(["uri", "file:key.pem"], environment: ["XDG_CONFIG_HOME": "config"]).status == 0)
        mkdir(line.path("home/.config"), 0o700)
        mkdir(line.path("home/.config/ziti-keystore"), 0o700)
        line.write("home/.config/ziti-keystore/config.json", "{", mode: 0o600)
        #expect(try await line.run(["uri", "file:key.pem"], environment: ["XDG_CONFIG_HOME": ""]).status == 78)
    }
}
