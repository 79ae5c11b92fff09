import Glibc
import KeyStoreCore
import KeyStorePlugin

/// Sees tokens come and go as pcscd reports them.
final class PIVTokenWatch: BackendTokenWatch {
    private let search: TokenSearch
    private var manager: ResourceManager?
    private var readers: [WatchedReader] = []
    private var plugAndPlay = ReaderState(name: ReaderState.plugAndPlay)
    private var hasBegun = false
    private var isFailing = false

    init(_ search: TokenSearch) { self.search = search }

    func wait(timeoutMilliseconds: UInt32, _ body: (TokenEvent) -> Void) throws(KeyStoreError) {
        try manager?.demandSameProcess()
        let end = ContinuousClock.now + .milliseconds(Int(timeoutMilliseconds))
        while true {
            var hasSeen = false
            let left = max(.zero, end - ContinuousClock.now)
            do throws(KeyStoreError) {
                if hasBegun, !isFailing { try waitForChange(left) }
                try look { event in
                    hasSeen = true
                    body(event)
                }
                isFailing = false
            } catch {
                lose(error) { event in
                    hasSeen = true
                    body(event)
                }
                if !hasSeen { Self.pause(min(left, Self.interval)) }
            }
            if hasSeen || !hasBegun || ContinuousClock.now >= end {
                hasBegun = true
                return
            }
        }
    }

    func close() { manager = nil }

    /// Waits until a reader or a card comes or goes. A card that could not be looked at is looked at again after a moment.
    private func waitForChange(_ duration: Duration) throws(KeyStoreError) {
        guard let manager else { return }
        var states = [plugAndPlay] + readers.map(\.state)
        let longest = readers.contains(where: \.isUnread) ? min(duration, Self.interval) : duration
        try manager.waitForChange(of: &states, milliseconds: UInt32(longest / .milliseconds(1)))
        plugAndPlay.flags = states[0].flags
    }

    /// Tells what has changed since the last look.
    private func look(_ body: (TokenEvent) -> Void) throws(KeyStoreError) {
        let manager = if let manager { manager } else { try ResourceManager(waitingAtMost: search.limit) }
        self.manager = manager
        let states = try manager.states(of: try manager.readers())
        for reader in readers where !states.contains(where: { $0.name == reader.state.name }) {
            reader.leave(body)
        }
        readers = states.map { state in
            readers.first { $0.state.name == state.name } ?? WatchedReader(state)
        }
        // Those that went come before those that came: a token may have another reader now.
        for (reader, state) in zip(readers, states) where reader.hasChanged(to: state) { reader.leave(body) }
        for (reader, state) in zip(readers, states) { reader.look(state, manager, search, body) }
        if manager.limit.hasFired { self.manager = nil }
    }

    /// Without the daemon there are no tokens. It is looked for again.
    private func lose(_ error: KeyStoreError, _ body: (TokenEvent) -> Void) {
        manager = nil
        for reader in readers { reader.leave(body) }
        readers = []
        if !isFailing { search.host.notice(.warning("Card readers cannot be watched now: \(error).")) }
        isFailing = true
    }

    private static func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        // Cut short by a signal, it looks once too early, which does no harm.
        nanosleep(&time, nil)
    }

    private static let interval = Duration.milliseconds(100)
}
