import CP11Kit
import Glibc

/// What a module is given when it is initialised: a text, or none.
struct InitializeArguments {
    /// CK_C_INITIALIZE_ARGS as NSS extends it: where the standard has `pReserved`, it takes the address of a text
    /// (`LibraryParameters`), and behind it looks for another `pReserved`, which must be null. Modules that take a text and
    /// know nothing of the extension read it from the standard's own place, which is where p11-kit puts it too
    /// (`x-init-reserved`).
    private struct Extended {
        var standard = CK_C_INITIALIZE_ARGS()
        var reserved: UnsafeMutableRawPointer?
    }

    // Never freed, as a module may keep its address.
    private let text: UnsafeMutablePointer<CChar>?

    init(text: String?) { self.text = text.flatMap { strdup($0) } }

    /// Lends the structure to a call.
    func withPointer(flags: CK_FLAGS, _ body: (UnsafeMutableRawPointer) -> CK_RV) -> CK_RV {
        var arguments = Extended()
        arguments.standard.flags = flags
        arguments.standard.pReserved = UnsafeMutableRawPointer(text)
        return withUnsafeMutablePointer(to: &arguments) { body(UnsafeMutableRawPointer($0)) }
    }
}
