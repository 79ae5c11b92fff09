import ChildProcess
import Testing

/// The commands of the program and their options, as `--help` tells them.
struct KnownOptions {
    /// The options of each command, by its words: `identity roll`.
    private(set) var options: [String: Set<String>] = [:]

    /// Asks the program, command by command.
    init(_ program: String) async throws { try await ask(program, []) }

    /// Takes them as they are.
    init(_ options: [String: Set<String>]) { self.options = options }

    private mutating func ask(_ program: String, _ words: [String]) async throws {
        let outcome = try await Program.built(program, words + ["--help"]).run()
        try #require(outcome.status == 0, "\(outcome)")
        let help = outcome.outputText
        // What comes before are examples.
        let sections = help.components(separatedBy: "\nUSAGE: ")
        options[words.joined(separator: " ")] = Set(
            sections.dropFirst().joined().matches(of: /(?m)^  (-[^ ].*)$/).flatMap { line in
                line.output.1.matches(of: /(?:^|, )(--?[a-z][a-z-]*)/).map { String($0.output.1) }
            })
        let commands = help.components(separatedBy: "SUBCOMMANDS:").dropFirst().joined().matches(of: /\n  ([a-z-]+)\b/)
        for command in commands.map({ String($0.output.1) }) where command != "help" {
            try await ask(program, words + [command])
        }
    }

    /// What the command line says that the program does not know: a command, or an option of that command.
    func unknownWords(in line: String) -> [String] {
        var words = Self.words(of: line).dropFirst()
        var command: [String] = []
        while let next = words.first, options[(command + [next]).joined(separator: " ")] != nil {
            command.append(next)
            words = words.dropFirst()
        }
        let name = command.joined(separator: " ")
        let isGroup = options.keys.contains {
            $0 != name && $0.hasPrefix(name) && $0.split(separator: " ").count == command.count + 1
        }
        let known = options[name] ?? []
        var unknown = words.filter { $0.hasPrefix("-") && $0 != "-" }.map { String($0.prefix { $0 != "=" }) }
            .filter { !known.contains($0) }
        if isGroup, let first = words.first, !first.hasPrefix("-") { unknown.insert(first, at: 0) }
        return unknown
    }

    /// Whether a command has the option, or one that begins so where the name ends with a hyphen, as in `--so-pin-…`.
    func hasOption(_ name: String) -> Bool {
        options.values.contains { name.hasSuffix("-") ? $0.contains { $0.hasPrefix(name) } : $0.contains(name) }
    }

    /// The words of a command line, up to a comment, a pipe or a redirection. What is quoted is one word.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in line + " " {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == " " {
                if ["|", ">", "&&"].contains(word) || word.hasPrefix("#") { return words }
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return words
    }
}
