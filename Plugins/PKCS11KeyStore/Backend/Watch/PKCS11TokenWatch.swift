import Glibc
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// Sees tokens come and go by looking, about ten times a second. No thread is left behind: modules can be waited for only by
/// a call that none can end.
///
/// What can be seen is what a module shows: one that lists its tokens once, as SoftHSM does, shows those that other programs
/// make only after it was begun anew.
final class PKCS11TokenWatch: BackendTokenWatch {
    private let watched: [WatchedModule]
    private let isWanted: (Slot) throws(KeyStoreError) -> Bool
    private var hasBegun = false

    init(
        _ modules: [Module], _ switches: QuirkSwitches, host: any BackendHost,
        isWanted: @escaping (Slot) throws(KeyStoreError) -> Bool
    ) {
        watched = modules.map { WatchedModule($0, switches, host: host) }
        self.isWanted = isWanted
    }

    func wait(timeoutMilliseconds: UInt32, _ body: (TokenEvent) -> Void) throws(KeyStoreError) {
        let end = ContinuousClock.now + .milliseconds(Int(timeoutMilliseconds))
        while true {
            try ForkGuard.demandSameProcess()
            var hasSeen = false
            for module in watched {
                module.look(isWanted) { event in
                    hasSeen = true
                    body(event)
                }
            }
            let left = end - ContinuousClock.now
            if hasSeen || !hasBegun || left <= .zero {
                hasBegun = true
                return
            }
            Self.pause(min(left, Self.interval))
        }
    }

    func close() {}

    private static func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        // Cut short by a signal, it looks once too early, which does no harm.
        nanosleep(&time, nil)
    }

    private static let interval = Duration.milliseconds(100)
}
