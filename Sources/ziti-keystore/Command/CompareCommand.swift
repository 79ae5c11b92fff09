import ArgumentParser
import KeyStoreCore

/// Puts several ways to one key side by side.
struct CompareCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Prove that several paths lead to one key, and put them side by side.",
        discussion: """
            A path is a reference with the backend that opens it: one reference through several backends, or several \
            references. First it is proved that all lead to one key; different ones are an error (65), and nothing is \
            measured. Then each path is opened alone some times, and all sign in turn. Native calls are counted in a run of \
            its own.

            A PIN is asked for once where paths lead to one token, and a source on the command line serves every path. One \
            that is rejected ends the command, and is sent to no other path.

            Examples:
              ziti-keystore compare 'pkcs11:token=demo;object=ziggy' file:ziggy.pem --pin-source pin.txt
              ziti-keystore compare 'pkcs11:serial=112233;id=%02' --backends piv,pkcs11 --plot latency.svg
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Option(
        help: ArgumentHelp(
            "The backends of the paths: any number for one reference, else one for each.", valueName: "name,name"))
    var backends: String?

    @Option(
        help: ArgumentHelp(
            "How many signatures each path makes: \(SignatureMeasurement.count), or \(SignatureMeasurement.countWithTouch) where a key must be touched.",
            valueName: "n"))
    var count: Int?

    @Option(
        help: ArgumentHelp("What to sign with, as in 'sign'; else the first that all paths have.", valueName: "name"))
    var alg: String?

    @Option(
        help: ArgumentHelp(
            "Draw the times as SVG into this file, which must not be there yet.", valueName: "file.svg"))
    var plot: String?

    @Flag(help: "Send one wrong PIN to each path too, where at least two tries are left, and then the right one.")
    var allowPinFailure = false

    @Flag(help: "Have the token unplugged and plugged in again too.")
    var interactive = false

    @Argument(help: "The key, or the same key by several references.")
    var references: [String]

    func validate() throws {
        if let count, !SignatureMeasurement.allowedCounts.contains(count) {
            throw ValidationError(
                "'--count' takes a number from \(SignatureMeasurement.allowedCounts.lowerBound) to \(SignatureMeasurement.allowedCounts.upperBound)."
            )
        }
        if let alg, SignatureAlgorithm(joseName: alg) == nil {
            throw ValidationError(
                "'\(alg)' is not an algorithm: \(SignatureAlgorithm.all.compactMap(\.joseName).joined(separator: ", "))."
            )
        }
        if backends != nil, common.backend != nil {
            throw ValidationError("'--backends' does not go with '--backend'.")
        }
        if names.contains(where: \.isEmpty) { throw ValidationError("'--backends' takes names, with commas between.") }
        if interactive, common.nonInteractive {
            throw ValidationError("'--interactive' does not go with '--non-interactive'.")
        }
        if let plot { try PlotFile.demandSVG(plot) }
        try SecretChoice.demandDifferentDescriptors(
            [("pin", try pin.choice()), ("passphrase", try passphrase.choice())])
    }

    func run(in context: CommandContext) throws {
        let paths = try ComparisonPath.all(
            references: try references.map { reference throws(KeyStoreError) in try KeyStoreURI(reference) },
            backends: names, backend: context.backend)
        if let plot { try PlotFile.demandNew(plot) }
        if interactive { try TerminalPause.demandTerminal(for: "--interactive") }
        if allowPinFailure {
            context.report.warning("One wrong PIN is sent on each path, where at least two tries are left.")
        }
        let wishes = Comparison.Wishes(
            count: count, algorithm: alg.flatMap(SignatureAlgorithm.init(joseName:)),
            allowsPINFailure: allowPinFailure, isInteractive: interactive)
        let secrets = ComparisonSecrets(
            pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let result = try Comparison(paths, wishes, secrets, in: context).run()
        if let plot { try OutputFile.write(Array(LatencyChart(result).svg.utf8), to: plot) }
        try context.print("compare", result.json, text: result.text)
    }

    private var names: [String] {
        backends.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }
}
