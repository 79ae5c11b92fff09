import Glibc
import KeyStoreCore

/// Enrolls the rows of a manifest, several at a time. The manifest is read as rows are needed, and nothing of a row is kept
/// once it is done.
struct BatchEnrollment: Sendable {
    let plan: BatchPlan
    let manifest: String
    let jobs: Int
    let shard: Shard?

    /// Enrolls. Throws a usage error or `badData` for a manifest that cannot be read, before anything is done, and in the end
    /// what is to be said where not all rows are done.
    func run() async throws {
        guard let format = ManifestFormat(path: manifest) else {
            throw CommandFailure.usage("the manifest's name ends neither in '.csv' nor in '.jsonl'")
        }
        let reader = try format.open(path: manifest)
        try enterFolder()
        let began = ContinuousClock.now
        let stop = plan.stop
        try Interruption.onFirst { stop.stop() }

        let pass = ManifestPass(
            jobs: jobs, shard: shard, isOver: { stop.isStopping || plan.screen.failure != nil },
            take: { await take($0, fraction: $1) })
        var failure: (any Error)?
        do {
            try await pass.run(reader)
        } catch {
            failure = error
        }
        await plan.tokens.close()
        plan.screen.clear()
        if let failure = plan.screen.failure { throw failure }
        let report = BatchReport(
            counts: plan.tally.counts, elapsed: .now - began, wasInterrupted: stop.isStopping)
        if plan.context.isJSON {
            let line = JSONValue.object([("format", .number(CommandResult.format)), ("report", report.json)])
            try StandardStream.print(line: line.text)
        } else {
            plan.screen.tell(report.text)
        }
        if let failure { throw report.failure(after: failure) }
        if let failure = report.failure { throw failure }
    }

    private func take(_ entry: ManifestEntry, fraction: Double) async {
        let outcome: RowResult.Outcome
        var key = ""
        switch entry.row {
        case .success(let row):
            key = KeyStoreURI.redact(row.key)
            outcome = await RowEnrollment(plan, row, line: entry.line).run()
        case .failure(let damage):
            outcome = .failed(
                .badData("the row in line \(entry.line) cannot be used: \(damage.reason)", subject: manifest))
        }
        let result = RowResult(line: entry.line, out: entry.out ?? "", key: key, outcome: outcome)
        plan.tally.add(result)
        plan.screen.show(result)
        plan.screen.draw(fraction: fraction, plan.tally)
    }

    /// Makes the manifest's folder the working directory: all that a row names, files that backends read among it, is relative
    /// to that. Everything on the command line has been read, or made absolute, by now.
    private func enterFolder() throws {
        guard let slash = manifest.lastIndex(of: "/") else { return }
        let folder = slash == manifest.startIndex ? "/" : String(manifest[..<slash])
        guard chdir(folder) == 0 else {
            throw CommandFailure.file(
                .badData, "the folder \(folder) cannot be entered: \(String(cString: strerror(errno)))", path: folder,
                function: "chdir", errno: errno)
        }
    }
}
