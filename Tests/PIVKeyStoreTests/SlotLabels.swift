import KeyStoreCore
import Synchronization
import VirtualYubiKey

/// Gives labels to slots, which have none, for a suite that names its keys by label. When there are no more slots, the label
/// that was given first loses its own, which is emptied.
final class SlotLabels: Sendable {
    private let key: YubiKey
    private let slots: [Slot] = (UInt8(0x82)...0x95).compactMap { Slot(number: $0) } + [.authentication, .keyManagement]
    private let labels = Mutex<[String]>([])

    init(_ key: YubiKey) { self.key = key }

    func uri(_ label: String) throws -> KeyStoreURI {
        let index = labels.withLock { labels in
            if let known = labels.lastIndex(of: label) { return known }
            labels.append(label)
            empty(slots[(labels.count - 1) % slots.count])
            return labels.count - 1
        }
        return try KeyStoreURI("piv:serial=\(key.serial);slot=\(slots[index % slots.count])")
    }

    private func empty(_ slot: Slot) {
        key.removeKey(in: slot)
        key.setObject(slot.certificateObject, nil)
        for index in 0..<UInt32(7) { key.setObject(0x5F5A00 + index << 8 | UInt32(slot.number), nil) }
    }
}
