import LibCrypto
import Synchronization

/// The PINs and PUKs that tokens have rejected, so that the process does not send one of them again: a program that opens a
/// store for each request with an old PIN would lock the token. They are forgotten when one was right or was changed.
final class RejectedPINs: Sendable {
    static let shared = RejectedPINs()

    private struct Entry: Hashable {
        let identity: Identity
        let reference: UInt8
        let pin: PINFingerprint

        init(_ identity: Identity, _ reference: UInt8, _ pin: PINFingerprint) {
            // A device with a number of its own is the same one in every reader.
            var identity = identity
            if identity.serial != nil { identity.reader = "" }
            self.identity = identity
            self.reference = reference
            self.pin = pin
        }
    }

    private let entries = Mutex<Set<Entry>>([])

    func insert(_ pin: PINFingerprint, of reference: UInt8, on identity: Identity) {
        _ = entries.withLock { $0.insert(Entry(identity, reference, pin)) }
    }

    func contains(_ pin: PINFingerprint, of reference: UInt8, on identity: Identity) -> Bool {
        entries.withLock { $0.contains(Entry(identity, reference, pin)) }
    }

    /// Forgets what was rejected of a reference that has another value now.
    func removeAll(of reference: UInt8, on identity: Identity) {
        entries.withLock { entries in
            entries = entries.filter { $0.reference != reference || !$0.identity.isSameDevice(as: identity) }
        }
    }
}
