import Foundation

/// A page of the documentation, for the commands in it.
struct MarkdownPage {
    /// The repository's root.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private let lines: [String]

    /// Reads a page; the path is one in the repository.
    init(_ path: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
        lines = text.components(separatedBy: "\n")
    }

    /// Pages that ship, README.md first.
    static func all() throws -> [String] {
        var paths = ["README.md", "CONTRIBUTING.md"]
        for folder in ["Sources", "Plugins"] {
            let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            while let name = names?.nextObject() as? String {
                if name.hasSuffix(".md") { paths.append("\(folder)/\(name)") }
            }
        }
        return paths
    }

    /// The commands that a section shows after `$ `, with what they print. The heading is one of the second level.
    func shownCommands(in heading: String) -> [ShownCommand] {
        guard let start = lines.firstIndex(of: "## \(heading)") else { return [] }
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
        var commands: [ShownCommand] = []
        var (isFenced, isContinued, isShown) = (false, false, false)
        for line in section {
            if line.hasPrefix("```") {
                isFenced.toggle()
                (isContinued, isShown) = (false, false)
            } else if isFenced, line.hasPrefix("$ ") {
                commands.append(ShownCommand(text: String(line.dropFirst(2)), output: []))
                (isContinued, isShown) = (line.hasSuffix("\\"), true)
            } else if isShown, isContinued {
                commands[commands.count - 1].text += "\n" + line
                isContinued = line.hasSuffix("\\")
            } else if isShown {
                commands[commands.count - 1].output.append(line)
            }
        }
        return commands
    }

    /// The blocks of code of a section, each with its lines; of the page's head where no heading is given. Comments at the ends
    /// of lines stay.
    func blocks(in heading: String? = nil) -> [[String]] {
        let start = heading.map { lines.firstIndex(of: "## \($0)").map { $0 + 1 } ?? lines.endIndex } ?? 0
        var blocks: [[String]] = []
        var isFenced = false
        for line in lines[start...].prefix(while: { !$0.hasPrefix("## ") && !$0.hasPrefix("### ") }) {
            if line.hasPrefix("```") {
                isFenced.toggle()
                if isFenced { blocks.append([]) }
            } else if isFenced {
                blocks[blocks.count - 1].append(line)
            }
        }
        return blocks
    }

    /// Every command line of the program on the page: in blocks of code, with continuation lines joined, and within text.
    func commandLines(of program: String) -> [String] {
        var found: [String] = []
        var continued: String?
        for line in lines {
            let text = line.trimmingCharacters(in: .whitespaces)
            if let begun = continued {
                continued = begun + " " + text
            } else if let match = text.firstMatch(of: /^(?:\$ )?(?:[^`|]* \| )?([a-z-]+ .*)$/),
                match.output.1.hasPrefix(program + " ")
            {
                continued = String(match.output.1)
            }
            if let whole = continued {
                continued = nil
                if whole.hasSuffix("\\") { continued = String(whole.dropLast()) } else { found.append(whole) }
            }
            found += text.matches(of: /`([a-z-]+ [^`]*)`/).map { String($0.output.1) }
                .filter { $0.hasPrefix(program + " ") }
        }
        return found
    }

    /// The options that are named in the text, alone or with their value: `--json`, `--pin-source FILE`.
    var namedOptions: [String] {
        lines.flatMap { line in line.matches(of: /`(--[a-z-]+)[^`]*`/).map { String($0.output.1) } }
    }
}
