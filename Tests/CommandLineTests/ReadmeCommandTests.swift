import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// The pages show commands that work, and what they print.
struct ReadmeCommandTests {
    // MARK: Commands that are run

    /// A text without what differs from one run to the next. The identity has the same place holder on the page and here.
    private func masked(_ text: String, identity: String, folder: String) -> String {
        text.replacing(identity, with: "IDENTITY").replacing(folder, with: "FOLDER")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/, with: "TIME")
            .replacing(/https:\/\/localhost:[0-9]+/, with: "https://localhost:PORT")
            .replacing(/\b[0-9a-f]{40}\b/, with: "FINGERPRINT")
            .replacing(/serial=[0-9a-f]+;id=[^;]+;/, with: "serial=SERIAL;id=ID;")
    }

    /// The command as a child of a shell, with the built program on its PATH.
    private func shell(_ command: String, _ line: CommandLine) -> Program {
        var program = line.program([])
        program.path = "/bin/sh"
        program.arguments = ["-c", command]
        program.environment["PATH"] = "\(BuildFolder.path):/usr/bin:/bin"
        return program
    }

    @Test func theFourCommandsEnrollAndLogInWithPINsFromTheTerminal() async throws {
        let commands = try #require(try MarkdownPage("README.md").blocks(in: "Enroll in four commands").first)
        let (officer, pin) = (CommandLine.securityOfficerPIN, CommandLine.pin)
        // What each asks for, and what a person answers.
        let conversations: [[(question: String, answer: String)]] = [
            [("[y/N]", "yes"), ("New security officer's PIN for ", officer), ("Again", officer)],
            [("Security officer's PIN for edge", officer), ("New PIN for edge", pin), ("Again", pin)],
            [("PIN for edge", pin)], [("PIN for edge", pin)],
        ]
        try #require(commands.count == conversations.count)
        let line = try CommandLine()
        let controller = try await Controller.start()
        let enrollment = try controller.makeEnrollment(name: "gateway")
        line.write("gateway.jwt", enrollment.jwt, mode: 0o600)
        for (command, conversation) in zip(commands, conversations) {
            let child = try shell(command, line).start(onTerminal: true)
            for (question, answer) in conversation {
                try child.waitForOutput(question)
                child.send("\(answer)\n")
            }
            let ended = try child.waitForEnd()
            #expect(ended.status == 0, "\(command): \(ended)")
            for secret in [officer, pin] { #expect(!ended.description.contains(secret), "\(command)") }
            if command == commands.last {
                #expect(ended.outputText.contains("identity\tgateway (\(enrollment.identityID))"), "\(ended)")
            }
        }
        try await controller.shutdown()
    }

    @Test func theLifeOfAnIdentityGoesAsTheReadmeShowsIt() async throws {
        let shown = try MarkdownPage("README.md").shownCommands(in: "The life of an identity")
        #expect(
            shown.map { $0.text.split(separator: " ").prefix(3).joined(separator: " ") }
                == [
                    "show", "check", "renew", "renew", "roll", "convert",
                ].map { "ziti-keystore identity \($0)" })
        let line = try CommandLine()
        try await line.makeToken("edge")
        line.write("pin.txt", "\(CommandLine.pin)\n", mode: 0o600)
        let controller = try await Controller.start()
        let enrollment = try controller.makeEnrollment(name: "gateway")
        line.write("gateway.jwt", enrollment.jwt, mode: 0o600)
        try await line.output([
            "enroll", "-j", "gateway.jwt", "-k", "file:gateway.pem", "--generate", "--no-passphrase", "-o",
            "gateway.json",
        ])
        let first = try #require(shown.first?.output.first?.wholeMatch(of: /identity\t(\S+)/))
        func page(_ lines: [String]) -> [String] {
            lines.map { masked($0, identity: String(first.output.1), folder: "/home/edge") }
        }
        func printed(_ text: String) -> [String] {
            text.split(separator: "\n").map { masked(String($0), identity: enrollment.identityID, folder: line.folder) }
        }
        for command in shown {
            let outcome = try await shell(command.text, line).run()
            #expect(outcome.status == 0, "\(command.text): \(outcome)")
            #expect(!outcome.description.contains(CommandLine.pin))
            let output = ShownCommand.difference(of: printed(outcome.outputText), from: page(command.outputLines))
            #expect(output == nil, "\(command.text)")
            // Each step is told on standard error, which the page says, and does not show. Which modules a machine has
            // that cannot be used is its own affair.
            let messages = printed(outcome.errorText).filter {
                !$0.hasPrefix("[") && !$0.hasPrefix("        ")
                    && $0.wholeMatch(of: /warning: The PKCS#11 module \S+ was not searched: .*/) == nil
            }
            let difference = ShownCommand.difference(of: messages, from: page(command.errorLines))
            #expect(difference == nil, "\(command.text)")
        }
        // What the text says besides.
        #expect(!line.exists("gateway.pem") && !line.exists("gateway.json.next") && line.exists("go.json"))
        #expect(String(decoding: try line.read("go.json"), as: UTF8.self).contains(CommandLine.pin))
        #expect(!String(decoding: try line.read("gateway.json"), as: UTF8.self).contains(CommandLine.pin))
        try await controller.shutdown()
    }

    @Test func aFleetIsEnrolledAsTheReadmeShowsIt() async throws {
        let shown = try MarkdownPage("README.md").shownCommands(in: "A fleet")
        #expect(shown.count == 1)
        let command = try #require(shown.first)
        let line = try CommandLine()
        let controller = try await Controller.start()
        var manifest = "jwt,key,out\n"
        let count = 20
        for number in 1...count {
            line.write("\(number).jwt", try controller.makeEnrollment(name: "device \(number)").jwt, mode: 0o600)
            manifest += "\(number).jwt,file:\(number).pem,\(number).json\n"
        }
        line.write("manifest.csv", manifest)
        let ended = try shell(command.text, line).start(onTerminal: true).waitForEnd()
        #expect(ended.status == 0, "\(ended)")
        func masked(_ text: String) -> String {
            text.replacing(/in [0-9.]+ s$/, with: "in SECONDS").replacing(/^\[#+\]/, with: "[BAR]")
        }
        // On a terminal each state of the bar takes the place of the one before.
        let plain = ended.outputText.replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "")
        let lines = plain.split(whereSeparator: { $0 == "\r" || $0 == "\n" || $0 == "\r\n" })
            .map { masked(String($0).trimmingCharacters(in: .whitespaces)) }.filter { !$0.isEmpty }
        // The page's fleet is larger.
        let page = command.output.map { masked($0.replacing("1000", with: "\(count)")) }
        #expect(page.count == 2)
        #expect(Array(lines.suffix(page.count)) == page)
        try await controller.shutdown()
    }

    @Test func theManifestOfTheFleetsPageIsEnrolledByItsCommand() async throws {
        let blocks = try MarkdownPage("Sources/ziti-keystore/Examples/README.md").blocks()
        let manifest = try #require(blocks.first)
        let command = try #require(blocks.last?.first)
        try #require(blocks.count == 2 && manifest.count == 3 && manifest[0].hasPrefix("jwt,key,out"))
        let line = try CommandLine()
        try await line.makeToken("edge")
        line.write("pin.txt", "\(CommandLine.pin)\n", mode: 0o600)
        line.write("manifest.csv", manifest.map { $0 + "\n" }.joined())
        for folder in ["tokens", "keys", "out"] { mkdir(line.path(folder), 0o700) }
        let controller = try await Controller.start()
        for name in ["gateway-1", "gateway-2"] {
            line.write("tokens/\(name).jwt", try controller.makeEnrollment(name: name).jwt, mode: 0o600)
        }
        let outcome = try await shell(command, line).run()
        #expect(outcome.status == 0, "\(outcome)")
        for name in ["gateway-1", "gateway-2"] {
            let login = try await line.output(["authenticate", "out/\(name).json", "--pin-source", "pin.txt"])
            #expect(login.contains("identity\t\(name) ("), "\(login)")
        }
        try await controller.shutdown()
    }

    // MARK: Commands that are read

    @Test func everyOptionOnThePagesIsOneThatItsCommandHas() async throws {
        let known = try await KnownOptions("ziti-keystore")
        #expect(known.options.count > 30)
        var count = 0
        for path in try MarkdownPage.all() {
            for line in try MarkdownPage(path).commandLines(of: "ziti-keystore") {
                count += 1
                #expect(known.unknownWords(in: line) == [], "\(path): \(line)")
            }
        }
        #expect(count > 40)
        for option in try MarkdownPage("README.md").namedOptions {
            let isKnown = known.hasOption(option)
            #expect(isKnown, "README.md names \(option)")
        }
    }

    // MARK: What finds that

    @Test func aRenamedOptionOrCommandIsFound() {
        let known = KnownOptions(["": ["--json"], "identity": ["-h"], "identity roll": ["--to", "-o"]])
        #expect(known.unknownWords(in: "ziti-keystore identity roll a.json --to 'x:--y' -o b # --comment") == [])
        #expect(known.unknownWords(in: "ziti-keystore identity roll a.json --json --to=x -p") == ["--json", "-p"])
        #expect(known.unknownWords(in: "ziti-keystore identity rol --to x") == ["rol", "--to"])
        #expect(known.unknownWords(in: "ziti-keystore roll | other --to") == ["roll"])
        #expect(known.hasOption("--t-") == false && known.hasOption("--to") && !known.hasOption("--out"))
    }

    @Test func aChangedLineIsFound() {
        let shown = ["a\t1", "…", "z"]
        for lines in [["a\t1", "z"], ["a\t1", "b", "c", "z"], ["a\t1", "z", "z"]] {
            #expect(ShownCommand.difference(of: lines, from: shown) == nil)
        }
        for lines in [[], ["a\t2", "z"], ["a\t1", "b"], ["a\t1", "z", "y"], ["b", "a\t1", "z"]] {
            #expect(ShownCommand.difference(of: lines, from: shown) != nil)
        }
        #expect(ShownCommand.difference(of: ["more"], from: []) != nil)
        #expect(ShownCommand.difference(of: [], from: ["less"]) != nil)
    }
}
