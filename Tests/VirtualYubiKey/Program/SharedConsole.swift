internal import Foundation
internal import VirtualYubiKey

/// The console behind a lock, as lines come from several connections.
final class SharedConsole: @unchecked Sendable {
    private let lock = NSLock()
    private let console: Console

    init(_ console: Console) { self.console = console }

    /// The answer to a line, the last line of which is `ok` or `error: …`.
    func answer(_ line: String) -> String {
        lock.withLock {
            do {
                let text = try console.execute(line)
                return text.isEmpty ? "ok\n" : text.hasSuffix("\n") ? "\(text)ok\n" : "\(text)\nok\n"
            } catch {
                return "error: \(error)\n"
            }
        }
    }

    func close() { lock.withLock { console.close() } }

    /// Reads lines until there are no more, on a thread of its own, and then ends the program.
    func serveStandardInput() {
        Thread { [self] in
            while let line = readLine(), line != "quit" {
                print(answer(line), terminator: "")
                fflush(nil)
            }
            kill(getpid(), SIGTERM)
        }.start()
    }
}
