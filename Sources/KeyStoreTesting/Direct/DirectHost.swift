import KeyStoreCore
import KeyStorePlugin

/// A host that allows everything.
final class DirectHost: BackendHost, Sendable {
    private let pin: PINSource
    let onNotice: @Sendable (Notice) -> Void

    init(pin: PINSource, onNotice: @escaping @Sendable (Notice) -> Void) {
        self.pin = pin
        self.onNotice = onNotice
    }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN { try pin.pin(for: request) }
    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {}
    func notice(_ notice: Notice) { onNotice(notice) }
}
