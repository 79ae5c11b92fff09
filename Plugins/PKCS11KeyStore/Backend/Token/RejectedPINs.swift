import CP11Kit
import LibCrypto
import Synchronization

/// The PINs that tokens have rejected, so that the process does not send one of them again: a program that opens a store for
/// each request with an old PIN would lock the token. They are forgotten when a PIN was right or was changed.
final class RejectedPINs: Sendable {
    static let shared = RejectedPINs()

    // By the token, as its slot may be numbered anew.
    private struct Token: Hashable {
        let serial: [UInt8]?
        let label: [UInt8]?
        let module: ObjectIdentifier

        init(_ slot: Slot) {
            serial = slot.token?.serial
            label = slot.token?.label
            module = ObjectIdentifier(slot.module)
        }
    }

    private struct Entry: Hashable {
        let token: Token
        let user: CK_USER_TYPE
        let pin: PINFingerprint
    }

    private let entries = Mutex<Set<Entry>>([])

    func insert(_ pin: PINFingerprint, of user: CK_USER_TYPE = CK_USER_TYPE(CKU_USER), for slot: Slot) {
        _ = entries.withLock { $0.insert(Entry(token: Token(slot), user: user, pin: pin)) }
    }

    func contains(_ pin: PINFingerprint, of user: CK_USER_TYPE = CK_USER_TYPE(CKU_USER), for slot: Slot) -> Bool {
        entries.withLock { $0.contains(Entry(token: Token(slot), user: user, pin: pin)) }
    }

    /// Forgets what was rejected of a user who has another PIN now.
    func removeAll(of user: CK_USER_TYPE, for slot: Slot) {
        entries.withLock { entries in
            entries = entries.filter { $0.user != user || $0.token != Token(slot) }
        }
    }
}
