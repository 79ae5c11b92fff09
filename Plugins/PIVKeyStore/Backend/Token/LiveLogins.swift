import KeyStorePlugin
import Synchronization

/// The devices that this process is logged in to, so that its sessions do not ask for one PIN several times. A login is the
/// card's and serves every program; only one of our own is relied on, and not one of the process that this was forked from.
final class LiveLogins: Sendable {
    static let shared = LiveLogins()

    private let counts = Mutex<[Applet.SerialNumber: Int]>([:])
    private let mark = ProcessMark()

    func add(_ identity: Identity) { change(identity, by: 1) }

    func remove(_ identity: Identity) { change(identity, by: -1) }

    func contains(_ identity: Identity) -> Bool {
        guard let serial = identity.serial else { return false }
        return mark.isOfThisProcess && counts.withLock { ($0[serial] ?? 0) > 0 }
    }

    private func change(_ identity: Identity, by difference: Int) {
        guard let serial = identity.serial else { return }
        counts.withLock { counts in
            if !mark.isOfThisProcess { counts = [:] }
            mark.set()
            counts[serial, default: 0] += difference
        }
    }
}
