import Synchronization

/// The PINs that tokens have rejected, so that one store never sends one of them again.
final class RejectedPINs: Sendable {
    private struct Entry: Hashable {
        let serial: [UInt8]?
        let label: [UInt8]?
        let module: ObjectIdentifier
        let pin: PINFingerprint
    }

    private let entries = Mutex<Set<Entry>>([])

    func insert(_ pin: PINFingerprint, for slot: Slot) {
        _ = entries.withLock { $0.insert(Self.entry(pin, slot)) }
    }

    func contains(_ pin: PINFingerprint, for slot: Slot) -> Bool {
        entries.withLock { $0.contains(Self.entry(pin, slot)) }
    }

    private static func entry(_ pin: PINFingerprint, _ slot: Slot) -> Entry {
        // By the token, as its slot may be numbered anew.
        Entry(
            serial: slot.token?.serial, label: slot.token?.label, module: ObjectIdentifier(slot.module), pin: pin)
    }
}
