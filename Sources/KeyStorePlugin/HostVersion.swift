import KeyStoreBridge
import KeyStoreCore
import Synchronization

/// The oldest minor version of those hosts that have asked this library for its table.
///
/// A library is loaded once in a process. Should two hosts of different ages share it, both are told what the older knows.
enum HostVersion {
    private static let oldestMinor = Atomic<UInt16>(.max)

    /// Remembers a host that asks for the table.
    static func note(minor: UInt16) { oldestMinor.min(minor, ordering: .relaxed) }

    /// Whether X25519 keys have a number for every host.
    static var knowsX25519: Bool { knowsX25519(oldestMinor.load(ordering: .relaxed)) }

    static func knowsX25519(_ minor: UInt16) -> Bool { minor >= 3 }
}

extension KeyInfo {
    /// The description as this host can read it. A type without a number for it is one that it cannot use.
    func readable(knowingX25519: Bool = HostVersion.knowsX25519) -> KeyInfo {
        guard type == .x25519, !knowingX25519 else { return self }
        var info = self
        info.type = nil
        info.publicKey = nil
        info.canAgree = false
        return info
    }
}
