public import CKeyStore
public import KeyStoreCore

extension Notice {
    /// The kind and text as the boundary has them.
    public var boundaryParts: (kind: UInt32, text: String) {
        switch self {
        case .warning(let text): (UInt32(KEYSTORE_NOTICE_WARNING), text)
        case .touchAwaited(let text): (UInt32(KEYSTORE_NOTICE_TOUCH), text)
        case .pinPadAwaited(let text): (UInt32(KEYSTORE_NOTICE_PIN_PAD), text)
        case .awaitedDone(let text): (UInt32(KEYSTORE_NOTICE_DONE), text)
        }
    }

    /// Reads a notice that came over the boundary. A kind that is not defined becomes a warning, as its text still counts.
    public init(kind: UInt32, text: keystore_bytes) {
        let text = String(decoding: text.buffer.prefix(4096), as: UTF8.self)
        switch Int32(truncatingIfNeeded: kind) {
        case KEYSTORE_NOTICE_TOUCH: self = .touchAwaited(text)
        case KEYSTORE_NOTICE_PIN_PAD: self = .pinPadAwaited(text)
        case KEYSTORE_NOTICE_DONE: self = .awaitedDone(text)
        default: self = .warning(text)
        }
    }
}
