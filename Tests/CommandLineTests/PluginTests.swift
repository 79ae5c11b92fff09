import ChildProcess
import Foundation
import Testing

/// Plugins that are missing, broken or chosen by hand.
struct PluginTests {
    /// A folder with links to some of the built plugins.
    private func pluginFolder(_ line: CommandLine, _ names: [String]) throws -> String {
        let folder = line.path("plugins")
        mkdir(folder, 0o755)
        for name in names {
            let file = "libkeystore-\(name).so"
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(file)", withDestinationPath: "\(BuildFolder.path)/\(file)")
        }
        return folder
    }

    @Test func aPluginThatIsMissingMakesItsSchemeAnErrorThatSaysWhereItWasLookedFor() async throws {
        let line = try CommandLine()
        let folder = try pluginFolder(line, ["pkcs11"])
        try await line.output(["uri", "pkcs11:token=demo", "--plugin-path", folder])
        for reference in ["file:key.pem", "nosuch:key"] {
            let scheme = String(reference.prefix { $0 != ":" })
            let outcome = try await line.run(["public", reference, "--plugin-path", folder, "--json"])
            #expect(outcome.status == 78)
            #expect(outcome.jsonCode == "noSuchBackend")
            let message = try #require(outcome.jsonError?["message"] as? String)
            #expect(message.contains("libkeystore-\(scheme).so") && message.contains(folder))
        }
    }

    @Test func withoutTheOptionPluginsAreLookedForBesideTheProgram() async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["public", "nosuch:key"])
        #expect(outcome.status == 78)
        #expect(outcome.errorText.contains(BuildFolder.path))
    }

    @Test(arguments: [
        ("text", "invalid ELF header"), ("module", "keystore_plugin_entry_v1"), ("wrong-major", "version 2"),
        ("entry-null", "does not serve"), ("other-name", "says that it is the backend 'somebody-else'"),
    ])
    func aLibraryThatIsNoUsablePluginIsRefusedWithTheReason(_ name: String, _ reason: String) async throws {
        let line = try CommandLine()
        let folder = try pluginFolder(line, ["file"])
        let path = "\(folder)/libkeystore-\(name).so"
        switch name {
        case "text":
            line.write("plugins/libkeystore-text.so", String(repeating: "This is not a library. ", count: 10))
        case "module": try await line.tool("cp", "-L", "/usr/lib/softhsm/libsofthsm2.so", path)
        // This plugin takes its fault from the name of its file.
        default: try await line.tool("cp", "\(BuildFolder.path)/libBrokenPlugin.so", path)
        }
        let outcome = try await line.run(["public", "\(name):key", "--plugin-path", folder, "--json"])
        #expect(outcome.status == 78)
        #expect(outcome.jsonCode == "incompatibleBackend")
        #expect((outcome.jsonError?["message"] as? String)?.contains(reason) == true, "\(outcome)")

        // The others stay usable, and the listing says which is not and why.
        let listing = try await line.run(["backends", "--plugin-path", folder])
        #expect(listing.status == 0)
        #expect(listing.outputText.hasPrefix("file\t"))
        #expect(listing.errorText.contains("'\(name)'") && listing.errorText.contains(reason))
        let items = try await line.items("backends", ["backends", "--plugin-path", folder])
        let broken = try #require(items.first { $0["name"] as? String == name })
        #expect((broken["error"] as? [String: Any])?["code"] as? String == "incompatibleBackend")
        let tokens = try await line.run(["tokens", "--plugin-path", folder])
        #expect(tokens.status == 78)
        #expect(tokens.errorText.contains("'\(name)' could not be asked"))
    }

    @Test func aPluginThatOthersCanWriteIsNotLoaded() async throws {
        let line = try CommandLine()
        mkdir(line.path("plugins"), 0o755)
        try FileManager.default.copyItem(
            atPath: "\(BuildFolder.path)/libkeystore-file.so", toPath: line.path("plugins/libkeystore-file.so"))
        chmod(line.path("plugins/libkeystore-file.so"), 0o757)
        let arguments = ["uri", "file:key.pem", "--plugin-path", line.path("plugins"), "--json"]
        let file = try await line.run(arguments)
        #expect(file.status == 78)
        #expect(file.jsonCode == "untrustedLibrary")
        chmod(line.path("plugins/libkeystore-file.so"), 0o755)
        #expect(try await line.run(arguments).status == 0)
        chmod(line.path("plugins"), 0o777)
        #expect(try await line.run(arguments).jsonCode == "untrustedLibrary")
    }

    @Test func aBackendThatDoesNotUnderstandAReferenceSaysSo() async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["public", "pkcs11:token=demo", "--backend", "file", "--json"])
        #expect(outcome.status == 64)
        #expect((outcome.jsonError?["message"] as? String)?.contains("'file'") == true)
        let two = try await line.run(["public", "pkcs11:token=demo?backend=pkcs11", "--backend", "file"])
        #expect(two.status == 64)
        #expect(try await line.run(["uri", "file:a?backend=../evil"]).status == 64)
        #expect(try await line.run(["backends", "--backend", "nosuch"]).status == 78)
    }

    @Test(arguments: ["file", "pkcs11"])
    func aPluginExportsItsEntryFunctionAndNothingElse(_ name: String) async throws {
        let library = "\(BuildFolder.path)/libkeystore-\(name).so"
        let symbols = try await CommandLine().tool("nm", "-D", "--defined-only", library).outputText
        // A capital letter stands for a global symbol.
        let exported = symbols.split(separator: "\n").map { $0.split(separator: " ") }
            .filter { $0.count == 3 && $0[1].allSatisfy(\.isUppercase) }.map { String($0[2]) }
        #expect(exported == ["keystore_plugin_entry_v1"])
    }

    @Test func theProgramLinksNoBackendAndNotTheWholeOfFoundation() async throws {
        let line = try CommandLine()
        let needed = try await line.tool("readelf", "-d", "\(BuildFolder.path)/ziti-keystore").outputText
        #expect(!needed.contains("libkeystore-"))
        #expect(!needed.contains("[libFoundation.so]"))
    }

    @Test func aRelativePluginPathAndARelativeModuleMeanTheWorkingDirectory() async throws {
        let line = try CommandLine()
        _ = try pluginFolder(line, ["file", "pkcs11"])
        try await line.output(["uri", "file:key.pem", "--plugin-path", "plugins"])
        try await line.tool("cp", "-L", "/usr/lib/softhsm/libsofthsm2.so", line.path("module.so"))
        try await line.makeToken()
        #expect(try await line.output(["tokens", "pkcs11:token=demo", "--module", "./module.so"]).contains("demo"))
    }
}
