/// Runs contenders that repeat one operation for a while and print medians.
struct LoopLauncher {
    let programs: Programs
    let launcher: Launcher
    let milliseconds: Int

    /// Runs a program whose last argument is the time, and takes its figures.
    func sample(
        _ arguments: [String], byRate: Bool = false, environment: [String: String], milliseconds: Int? = nil
    ) throws -> Sample {
        try sample(
            complete: arguments + [String(milliseconds ?? self.milliseconds)], byRate: byRate, environment: environment)
    }

    /// The same for a program whose arguments are complete. One thread is measured by the median operation. Several are by
    /// how many operations they make together: a thread that waits long for its turn has a good median, and so has a loop
    /// whose threads shut each other out.
    func sample(complete arguments: [String], byRate: Bool, environment: [String: String]) throws -> Sample {
        let outcome = try launcher.run(arguments, environment: environment)
        let fields = Fields(outcome.output)
        guard let p50 = fields["p50"], let rate = fields["rate"], rate > 0 else {
            throw BenchmarkError("\(arguments[0]) printed no figures")
        }
        return Sample(
            value: byRate ? 1_000_000 / rate : p50 / 1000, rate: rate, peakMegabytes: outcome.peakMegabytes)
    }

    /// The beginning of the arguments for this program as a contender.
    func ours(_ work: String, _ way: Way, reference: String, module: String?) -> [String] {
        [programs.benchmarks, work, "--way", way.rawValue, "--reference", reference]
            + (module.map { ["--module", $0] } ?? [])
    }
}
