internal import ArgumentParser

/// `compare`: every comparison, one table.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Run every comparison and print one table.")

    @Option(help: "Rounds of each comparison; each round runs every contender once, in turn.")
    var rounds = 11

    @Option(help: "How long one contender signs in one round.")
    var milliseconds = 100

    @Option(help: "Whole processes of each kind in one round.")
    var processes = 5

    @Option(help: "Where to write every sample and median as JSON.")
    var json: String?

    @Option(help: "The folder of the programs that are compared.")
    var peers: String

    @Option(help: "The Python that has the OpenZiti C SDK.")
    var python: String

    @Option(help: "The script that drives the OpenZiti C SDK.")
    var sdk: String

    @Option(help: "SoftHSM2's PKCS#11 module.")
    var module = "/usr/lib/softhsm/libsofthsm2.so"

    @Option(help: "Only the comparisons whose title holds this text.")
    var only: String?

    func validate() throws {
        guard rounds >= 5 else { throw ValidationError("--rounds is 5 or more, as medians of fewer say little") }
        guard milliseconds >= 50 else { throw ValidationError("--milliseconds is 50 or more") }
        guard processes >= 1 else { throw ValidationError("--processes is 1 or more") }
    }

    func run() throws {
        let machine = Machine.current()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let launcher = try Launcher(program: "\(peers)/launch", folder: folder)
        let programs = try Programs(peers: peers, python: python, sdk: sdk, module: module)
        let token = try SoftHSMToken(module: module, folder: folder, launcher: launcher)
        let files = try SoftwareKeys(folder: folder, launcher: launcher)

        let controller = try Controller(program: programs.controller, folder: folder, launcher: launcher)
        defer { controller.stop() }

        let signing = SigningSuite(
            programs: programs, launcher: launcher, milliseconds: milliseconds, rounds: rounds)
        let whole = ProcessSuite(programs: programs, launcher: launcher, folder: folder, runs: rounds * processes)
        let enrollment = EnrollmentSuite(programs: programs, launcher: launcher, folder: folder, runs: rounds * 3)
        var comparisons = signing.comparisons(token: token, files: files)
        comparisons += try whole.comparisons(token: token, files: files)
        comparisons += enrollment.comparisons(token: token, controller: controller)
        if let only { comparisons.removeAll { !$0.title.contains(only) } }

        var results: [ComparisonResult] = []
        for (number, comparison) in comparisons.enumerated() {
            progress("\(number + 1)/\(comparisons.count) \(comparison.title)")
            results.append(try comparison.run())
        }
        let report = Report(machine: machine, results: results)
        print(report.markdown)
        if let json { try report.writeJSON(to: json) }
    }
}
