import Glibc
import Synchronization

/// How the process ends: once, with one report, whichever thread comes first.
enum Ending {
    private static let isTaken = Atomic(false)

    /// Reports the failure and ends the process. A second caller waits for the first one to end it.
    static func fail(_ failure: CommandFailure) -> Never {
        guard !isTaken.exchange(true, ordering: .acquiringAndReleasing) else {
            while true { pause() }
        }
        TerminalSettings.restore()
        StandardStream.tell(wantsJSON ? CommandResult.json(failure) : CommandResult.text(failure))
        _exit(failure.status.rawValue)
    }

    /// Ends the process with success. What native modules do at exit is not waited for: everything is written and closed,
    /// and some crash there.
    static func succeed() -> Never { _exit(ExitStatus.done.rawValue) }

    /// Read from the arguments themselves, because a command line that cannot be parsed is reported in JSON too.
    static let wantsJSON = CommandLine.arguments.contains("--json")
}
