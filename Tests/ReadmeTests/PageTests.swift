import CKeyStore
import ChildProcess
import Foundation
import Testing

/// The README shows Swift that compiles, and names only what is there.
struct PageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private func lines(of file: String) throws -> [String] {
        try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
            .components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// What stands between the fences of a language, in order.
    private func snippets(_ language: String) throws -> [[String]] {
        try lines(of: "README.md").split(separator: "```\(language)").dropFirst().map { rest in
            rest.prefix { $0 != "```" }.filter { !$0.isEmpty }
        }
    }

    @Test func everySnippetOfSwiftStandsInCodeThatCompiles() throws {
        let code = try lines(of: "Tests/ReadmeTests/ReadmeSnippets.swift").filter { !$0.isEmpty && !$0.hasPrefix("//") }
        let snippets = try snippets("swift")
        #expect(snippets.count == 5)
        for snippet in snippets { #expect(code.contains(snippet), "not compiled: \(snippet)") }
    }

    @Test func theEntryFunctionServesItsTableToHostsOfItsMajorVersion() throws {
        let table = try #require(entry(UInt16(KEYSTORE_ABI_MAJOR), 0))
        #expect(table.pointee.size == UInt32(MemoryLayout<keystore_plugin>.size))
        #expect(entry(UInt16(KEYSTORE_ABI_MAJOR) + 1, 0) == nil)
    }

    @Test(arguments: ["README.md", "CONTRIBUTING.md"])
    func everyPathThatIsNamedIsThere(_ page: String) throws {
        let text = try lines(of: page).joined(separator: "\n")
        let linked = text.matches(of: /\]\(([^)#:]+)\)/).map { String($0.output.1) }
        let named = text.matches(of: /\b(?:Sources|Plugins|Tests)\/[A-Za-z0-9_\/.-]+/).map { String($0.output) }
        let paths = Set(linked + named).filter { !$0.contains("YourKeyStore") }
        #expect(paths.count > 5)
        for path in paths {
            #expect(
                FileManager.default.fileExists(atPath: Self.root.appending(path: path).path), "\(path) is not there")
        }
    }

    @Test func everyCommandIsNamed() async throws {
        let help = try await Program.built("ziti-keystore", ["--help"]).run().outputText
        let commands = help.components(separatedBy: "SUBCOMMANDS:").dropFirst().joined()
            .matches(of: #/\n  ([a-z]+)\s/#).map { String($0.output.1) }.filter { $0 != "help" }
        #expect(commands.count > 10)
        let readme = try lines(of: "README.md").joined(separator: "\n")
        for command in commands { #expect(readme.contains("`\(command)`"), "README does not name \(command)") }
    }
}
