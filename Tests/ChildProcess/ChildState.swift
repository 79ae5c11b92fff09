import Glibc

/// A child and this side of its descriptors. One thread pumps them, one waits for the end; both end with the child.
final class ChildState: Sendable {
    let processID: pid_t
    let progress = Monitor(ChildProgress())
    private let feeds: Monitor<[Feed]>
    /// Written to when there is something new to feed.
    private let wake: Pipe

    /// Bytes on their way into the child.
    struct Feed {
        let descriptor: Int32
        var bytes: ArraySlice<UInt8>
        var ends: Bool
        /// Whether this is a terminal, which is read too and is not closed here.
        let isTerminal: Bool
    }

    static func spawn(_ program: Program, onTerminal: Bool, endsInput: Bool) throws -> ChildState {
        // A child that ends before it has read everything must not end this process.
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        var spawning = Spawning()
        defer { spawning.closeChildEnds() }
        var feeds: [Feed] = []
        let sources: (output: Int32, errors: Int32?)
        if onTerminal {
            let terminal = try spawning.addTerminal()
            feeds.append(Feed(descriptor: terminal, bytes: program.input[...], ends: false, isTerminal: true))
            sources = (terminal, nil)
        } else {
            let input = try spawning.addReading(as: 0)
            feeds.append(Feed(descriptor: input, bytes: program.input[...], ends: endsInput, isTerminal: false))
            sources = (try spawning.addWriting(as: 1), try spawning.addWriting(as: 2))
        }
        for (number, bytes) in program.descriptors.sorted(by: { $0.key < $1.key }) {
            let end = try spawning.addReading(as: number)
            feeds.append(Feed(descriptor: end, bytes: bytes[...], ends: true, isTerminal: false))
        }
        let processID = try spawning.spawn(program, newSession: onTerminal)
        let state = ChildState(processID: processID, feeds: feeds, wake: try Pipe())
        BackgroundThread.start { state.pump(output: sources.output, errors: sources.errors) }
        BackgroundThread.start { state.reap() }
        return state
    }

    private init(processID: pid_t, feeds: [Feed], wake: Pipe) {
        self.processID = processID
        self.feeds = Monitor(feeds)
        self.wake = wake
    }

    /// Sends a signal to the child if it was not reaped: its number may be another process's afterwards.
    func kill(_ signal: Int32) {
        progress.update { progress in
            if progress.status == nil { _ = Glibc.kill(processID, signal) }
        }
    }

    func send(_ bytes: [UInt8]) {
        feeds.update { if !$0.isEmpty { $0[0].bytes += bytes } }
        wake.signal()
    }

    func endInput() {
        feeds.update { if !$0.isEmpty, !$0[0].isTerminal { $0[0].ends = true } }
        wake.signal()
    }

    private func reap() {
        var info = siginfo_t()
        // First without reaping, so that `kill` never meets a number that was given away.
        while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        progress.update { progress in
            var raw: Int32 = 0
            while waitpid(processID, &raw, 0) < 0, errno == EINTR {}
            let signal = raw & 0x7F
            progress.status = signal == 0 ? (raw >> 8) & 0xFF : 128 + signal
        }
        wake.signal()
    }

    private func pump(output: Int32, errors: Int32?) {
        var open: [(descriptor: Int32, stream: WritableKeyPath<ChildProgress, [UInt8]>)] = [(output, \.output)]
        if let errors { open.append((errors, \.errorOutput)) }
        while !open.isEmpty {
            let isOver = progress.update { $0.status != nil }
            var polled = open.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            polled.append(pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0))
            if !isOver { polled += pendingFeeds().map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) } }
            // What a grandchild holds open does not keep us: after the end only what is there is read.
            let ready = poll(&polled, nfds_t(polled.count), isOver ? 0 : -1)
            if ready == 0, isOver { break }
            if polled[open.count].revents != 0 { wake.clear() }
            for (index, source) in open.enumerated().reversed() where polled[index].revents != 0 {
                if !read(source.descriptor, into: source.stream) {
                    open.remove(at: index)
                    Glibc.close(source.descriptor)
                }
            }
            if !isOver { feed() }
        }
        for source in open { Glibc.close(source.descriptor) }
        feeds.update { feeds in
            for feed in feeds where !feed.isTerminal { Glibc.close(feed.descriptor) }
            feeds = []
        }
        progress.update { $0.isDrained = true }
    }

    private func pendingFeeds() -> [Int32] {
        feeds.update { feeds in feeds.filter { !$0.bytes.isEmpty || $0.ends }.map(\.descriptor) }
    }

    private func feed() {
        feeds.update { feeds in
            for index in feeds.indices.reversed() {
                while !feeds[index].bytes.isEmpty {
                    let feed = feeds[index]
                    let count = feed.bytes.withUnsafeBytes { Glibc.write(feed.descriptor, $0.baseAddress, $0.count) }
                    if count < 0, errno == EINTR { continue }
                    if count < 0, errno == EAGAIN { break }
                    feeds[index].bytes = count < 0 ? [] : feed.bytes.dropFirst(count)
                    if count < 0 { feeds[index].ends = true }
                }
                if feeds[index].bytes.isEmpty, feeds[index].ends, !feeds[index].isTerminal {
                    Glibc.close(feeds[index].descriptor)
                    feeds.remove(at: index)
                }
            }
        }
    }

    /// Reads what is there. Answers false at the end.
    private func read(_ descriptor: Int32, into stream: WritableKeyPath<ChildProgress, [UInt8]>) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        // A terminal whose other side was closed answers EIO.
        guard count != 0 else { return false }
        guard count > 0 else { return errno == EINTR || errno == EAGAIN }
        progress.update { $0[keyPath: stream] += buffer[..<count] }
        return true
    }
}
