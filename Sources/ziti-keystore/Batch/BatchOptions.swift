import ArgumentParser
import Glibc

/// Many enrollments in one run.
struct BatchOptions: ParsableArguments {
    /// The most rows that are enrolled at a time.
    static let maximumJobs = 256

    @Option(
        name: .customLong("batch"),
        help: ArgumentHelp(
            "Enroll every row of this manifest, NAME.csv or NAME.jsonl: jwt, key and out, and as a row needs them generate, kty, crv, size and cert. Paths are relative to the manifest's folder.",
            valueName: "file"))
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "With --batch: how many rows are enrolled at a time, 1 to 256; unless said otherwise one for each core.",
            valueName: "n"))
    var jobs: Int?

    @Option(
        help: ArgumentHelp(
            "With --batch: only the rows of part i of n. Which part a row is in follows from its 'out' alone, so that all hosts agree.",
            valueName: "i/n"))
    var shard: Shard?

    func validate() throws {
        if manifest == nil {
            if jobs != nil { throw ValidationError("'--jobs' goes with '--batch'.") }
            if shard != nil { throw ValidationError("'--shard' goes with '--batch'.") }
        }
        if let manifest, ManifestFormat(path: manifest) == nil {
            throw ValidationError("The name of a manifest ends in '.csv' or '.jsonl'.")
        }
        if let jobs, !(1...Self.maximumJobs).contains(jobs) {
            throw ValidationError("'--jobs' is 1 to \(Self.maximumJobs).")
        }
    }

    /// How many rows are enrolled at a time.
    var jobCount: Int { jobs ?? min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), Self.maximumJobs) }
}
