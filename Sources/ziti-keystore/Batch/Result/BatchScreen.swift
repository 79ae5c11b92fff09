import Glibc
import KeyStoreCore
import Synchronization

/// Where a batch tells how it goes: a bar on standard error where that is a terminal, and results on standard output. Keeps
/// what threads tell at the same time apart.
final class BatchScreen: Sendable {
    private struct State {
        /// The bar as it stands on the terminal; empty where there is none.
        var bar = ""
        /// How far the bar has come. Rows are done in another order than they stand in.
        var fraction = 0.0
        /// How many questions are asked now; there is no bar meanwhile.
        var questions = 0
        /// Warnings that were given. A thousand rows on one token would give each a thousand times.
        var warnings: Set<String> = []
        var failure: (any Error)?
    }

    private let isJSON: Bool
    private let isVerbose: Bool
    private let hasBar = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    init(isJSON: Bool, isVerbose: Bool) {
        self.isJSON = isJSON
        self.isVerbose = isVerbose
    }

    /// How many different warnings are remembered.
    private static let maximumWarnings = 256

    /// Why standard output can be written no more; nil while it can.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Tells a result: on standard output, unless that is the terminal that has the bar. There a failure stands above the bar.
    func show(_ result: RowResult) {
        state.withLock { state in
            guard isJSON || !(hasBar && StandardStream.outputIsTerminal) else {
                if case .failed = result.outcome {
                    Self.above(&state) { StandardStream.tell(result.terminalText) }
                }
                return
            }
            guard state.failure == nil else { return }
            let line = isJSON ? CommandResult.json("enroll", [result.json]) : result.text
            do {
                try StandardStream.print(line: line)
            } catch {
                state.failure = error
            }
        }
    }

    /// Tells something on standard error.
    func tell(_ text: String) {
        state.withLock { state in Self.above(&state) { StandardStream.tell(text) } }
    }

    /// Tells something that only `--verbose` shows.
    func detail(_ text: @autoclosure () -> String) {
        if isVerbose { tell(text()) }
    }

    /// Tells a warning, once.
    func warning(_ text: String) {
        state.withLock { state in
            guard !state.warnings.contains(text) else { return }
            if state.warnings.count < Self.maximumWarnings { state.warnings.insert(text) }
            Self.above(&state) { StandardStream.tell("warning: \(text)") }
        }
    }

    /// Tells what a backend tells.
    func notice(_ notice: Notice) {
        switch notice {
        case .warning(let text): warning(text)
        case .touchAwaited(let purpose): tell("touch the device: \(purpose)")
        case .pinPadAwaited(let purpose): tell("enter the PIN on the device: \(purpose)")
        case .awaitedDone(let purpose): detail("done: \(purpose)")
        }
    }

    /// Runs what may ask a person, without the bar.
    func whileAsking(_ body: () -> Void) {
        state.withLock { state in
            state.questions += 1
            Self.erase(&state)
        }
        // Without the lock: a person takes their time, and nothing else waits for that.
        body()
        state.withLock { $0.questions -= 1 }
    }

    /// Draws the bar, if there is a terminal for it: so much of the manifest has been read, and this came of it.
    func draw(fraction: Double, _ tally: BatchTally) {
        guard hasBar else { return }
        let width = Self.width
        state.withLock { state in
            guard state.questions == 0 else { return }
            state.fraction = max(state.fraction, fraction)
            state.bar = ProgressBar(fraction: state.fraction, counts: tally.counts).text(width: width)
            Self.write("\r\(state.bar)\u{1B}[K")
        }
    }

    /// Takes the bar away.
    func clear() { state.withLock { Self.erase(&$0) } }

    private static func above(_ state: inout State, _ body: () -> Void) {
        let bar = state.bar
        erase(&state)
        body()
        if !bar.isEmpty { write(bar) }
        state.bar = bar
    }

    private static func erase(_ state: inout State) {
        if !state.bar.isEmpty { write("\r\u{1B}[K") }
        state.bar = ""
    }

    private static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { StandardStream.write($0, to: STDERR_FILENO) }
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
