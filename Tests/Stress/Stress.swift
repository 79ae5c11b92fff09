import Glibc
import KeyStoreCore
import KeyStoreLoader

/// Works a token hard, and ends with status 1 at the first thing that is not as it must be. Run under the sanitizers, it
/// shows them races and leaks; without, that memory does not grow.
///
///     stress pool ROUNDS      64 tasks, then 64 threads, sign on one token of SoftHSM's, open, close and give up
///     stress mock MODULE      64 tasks and threads on the mock module, which watches them; with few sessions, with a module
///                             that bears one thread only, and while its token comes and goes
///     stress soak COUNT       that many signatures on each of three ways, while the process's memory is watched
///     stress sign COUNT       the same without looking at the memory, which a sanitizer uses in its own way
///     stress sample PLUGIN    the backend in C, once through everything
@main
struct Stress {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let mode = arguments.first, let argument = arguments.last else {
            print("stress: pool ROUNDS, mock MODULE, soak COUNT, sign COUNT or sample PLUGIN")
            exit(64)
        }
        do {
            switch mode {
            case "pool":
                let token = try await StressedToken.softHSM()
                try await AsynchronousStress(token: token, rounds: Int(argument) ?? 1).run()
                try BlockingStress(token: token, rounds: Int(argument) ?? 1).run()
            case "mock":
                let mock = try MockControl(argument)
                for script in ["", "sessions 3", "threads opening", "cant-lock on", "reuse-sessions on"] {
                    try mock.prepare(script)
                    print("mock: \(script.isEmpty ? "as it is" : script)")
                    let token = try await StressedToken.mock(mock)
                    try await AsynchronousStress(token: token, rounds: 1).run()
                    try BlockingStress(token: token, rounds: 1).run()
                    try mock.demandProperUse()
                }
                try mock.prepare()
                try await HealingStress(token: try await StressedToken.mock(mock), mock: mock, rounds: 10).run()
            case "soak", "sign":
                let token = try await StressedToken.softHSM()
                try await Soak(token: token, count: Int(argument) ?? 1, watchesMemory: mode == "soak").run()
            case "sample": try await SampleBackend(plugin: argument).run()
            default: throw StressFailure("there is no mode '\(mode)'")
            }
        } catch {
            print("stress: \(error)")
            exit(1)
        }
    }
}
