import Glibc
import Synchronization

/// Writes native calls down, for reports of faults.
///
/// The file is a new one that only its owner can read: what stands in it tells much about a token, though no PIN, and a
/// report is about one run. Each line is written whole and at once, so that lines of several threads never mix, and nothing
/// is lost however the process ends.
final class TraceFile: Sendable {
    private let descriptor: Int32
    private let start = TraceFile.monotonicMicroseconds()
    private let hasFailed = Mutex(false)
    private let onFailure: @Sendable (String) -> Void

    // In glibc, and visible only with _GNU_SOURCE, which Swift's view of it is made without.
    private static let threadID = dlsym(nil, "gettid").map {
        unsafeBitCast($0, to: (@convention(c) () -> pid_t).self)
    }

    /// Makes the file and writes its first line: which program and version, when, and what the columns are. Throws `exists`
    /// for a file that is there, `cannotWrite`.
    /// - Parameter onFailure: Called once, with a sentence, when a line could not be written; the command goes on.
    init(path: String, version: String, onFailure: @escaping @Sendable (String) -> Void) throws {
        descriptor = try OutputFile.create(path, mode: 0o600).descriptor
        self.onFailure = onFailure
        let title = "# ziti-keystore \(version), \(Self.date()); PINs are masked; seconds since then, thread, call"
        if let number = Self.write(title, to: descriptor) {
            close(descriptor)
            throw CommandFailure.file(
                .cannotWrite, "\(path) cannot be written: \(String(cString: strerror(number)))", path: path,
                function: "write", errno: number)
        }
    }

    /// Writes one line with the time and the thread before it. May be called on any thread, also on several at once.
    func write(_ line: String) {
        let thread = Self.threadID?() ?? 0
        let text = StandardStream.sanitised(line).replacingNewlines
        hasFailed.withLock { hasFailed in
            // Read under the lock: the times of the lines go up.
            let time = Self.monotonicMicroseconds() - start
            let fraction = String(time % 1_000_000)
            let zeros = String(repeating: "0", count: 6 - fraction.count)
            let number = Self.write("\(time / 1_000_000).\(zeros)\(fraction) \(thread) \(text)", to: descriptor)
            guard let number, !hasFailed else { return }
            hasFailed = true
            onFailure("The trace is not complete: \(String(cString: strerror(number))).")
        }
    }

    private static func write(_ line: String, to descriptor: Int32) -> Int32? {
        Array("\(line)\n".utf8).withUnsafeBytes { StandardStream.write($0, to: descriptor) }
    }

    private static func monotonicMicroseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }

    /// Now, in UTC (RFC 3339).
    private static func date() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
        return "\(day)T\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))Z"
    }
}
