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

    @Option(help: "The folder of the scripts that are compared.")
    var scripts: String

    @Option(help: "The Python that has the OpenZiti C SDK.")
    var python: String

    @Option(help: "The Python that has the PKCS#11 packages that are compared.")
    var peerPython: String

    @Option(help: "A folder in memory for the tokens with many keys.")
    var memory = "/dev/shm"

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
        // Thousands of keys are made, each flushed to its file: on a disk that takes minutes.
        let memory = try TemporaryFolder(in: memory)
        defer { memory.remove() }
        let launcher = try Launcher(program: "\(peers)/launch", folder: folder)
        let programs = try Programs(
            peers: peers, scripts: scripts, python: python, peerPython: peerPython, sdk: sdk, module: module)
        let tokens = [1, 1000, 10_000].map { keys in
            SoftHSMToken(keys: keys, in: memory.path("\(keys)-keys"), programs: programs, launcher: launcher)
        }
        let files = try SoftwareKeys(folder: folder, launcher: launcher)

        let controller = try Controller(program: programs.controller, folder: folder, launcher: launcher)
        defer { controller.stop() }

        let loops = LoopLauncher(programs: programs, launcher: launcher, milliseconds: milliseconds)
        let whole = ProcessSuite(programs: programs, launcher: launcher, folder: folder, runs: rounds * processes)
        let enrollment = EnrollmentSuite(programs: programs, launcher: launcher, folder: folder, runs: rounds * 3)
        let server = HandshakeServer(folder: folder, programs: programs, launcher: launcher)
        defer { server.stop() }
        let yubiKey = YubiKey(folder: folder, programs: programs, launcher: launcher)
        defer { yubiKey.stop() }
        // Enrolling makes keys, so it has a token of its own, on the disk as a user's is.
        let enrolling = SoftHSMToken(keys: 1, in: folder.path("enrolling"), programs: programs, launcher: launcher)

        var batches = 0
        let makeToken = {
            batches += 1
            return SoftHSMToken(keys: 1, in: folder.path("batch-\(batches)"), programs: programs, launcher: launcher)
        }

        var comparisons = TokenSigningSuite(loops: loops, rounds: rounds).comparisons(
            token: tokens[0], large: tokens[2])
        comparisons += TaskSuite(loops: loops, rounds: rounds).comparisons(token: tokens[0])
        comparisons += FileSigningSuite(loops: loops, rounds: rounds).comparisons(files: files)
        comparisons += LookupSuite(loops: loops, rounds: rounds).comparisons(tokens: tokens)
        comparisons += ListingSuite(programs: programs, launcher: launcher, rounds: rounds).comparisons(tokens: tokens)
        comparisons += try whole.comparisons(tokens: tokens, files: files)
        comparisons += enrollment.comparisons(token: enrolling, controller: controller)
        comparisons += HandshakeSuite(loops: loops, rounds: rounds, server: server).comparisons(
            token: tokens[0], files: files)
        comparisons += IdentitySuite(programs: programs, launcher: launcher, folder: folder, runs: rounds * 3)
            .comparisons(token: enrolling, controller: controller)
        comparisons += BatchSuite(programs: programs, launcher: launcher, folder: folder, rounds: rounds)
            .comparisons(controller: controller, makeToken: makeToken)
        comparisons += try YubiKeySuite(loops: loops, folder: folder, rounds: rounds, key: yubiKey).comparisons()
        if let only { comparisons.removeAll { !$0.title.contains(only) } }
        guard !comparisons.isEmpty else { throw ValidationError("no comparison's title holds the text of --only") }

        var results: [ComparisonResult] = []
        var failures: [String] = []
        for (number, comparison) in comparisons.enumerated() {
            progress("\(number + 1)/\(comparisons.count) \(comparison.title)")
            let before = ContinuousClock.now
            do {
                results.append(try comparison.run())
            } catch {
                // The others are worth their time.
                failures.append("\(comparison.title): \(error)")
                progress("    failed: \(error)")
            }
            progress("    \((ContinuousClock.now - before).components.seconds) s")
        }
        let report = Report(machine: machine, results: results)
        print(report.markdown)
        if let json { try report.writeJSON(to: json) }
        guard failures.isEmpty else { throw BenchmarkError(failures.joined(separator: "\n")) }
    }
}
