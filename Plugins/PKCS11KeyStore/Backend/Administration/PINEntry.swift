import CP11Kit
import KeyStoreCore

/// A PIN on its way to a token: typed on the device itself, or given here.
enum PINEntry {
    case onDevice
    case given(PIN)

    /// Lends the PIN to a function of the module; NULL where the device asks for it itself (PKCS #11 2.40 §5.6).
    func withPointer(_ body: (UnsafeMutablePointer<UInt8>?, CK_ULONG) -> CK_RV) -> CK_RV {
        switch self {
        case .onDevice: body(nil, 0)
        case .given(let pin):
            pin.withBytes { bytes in
                // The functions take a pointer to what they might change, and by the standard do not.
                let pointer = UnsafeMutableRawPointer(mutating: bytes.baseAddress!).assumingMemoryBound(to: UInt8.self)
                return body(pointer, CK_ULONG(bytes.count))
            }
        }
    }
}
