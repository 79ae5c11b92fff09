import CP11Kit
import Glibc

/// What a module is given when it is initialised.
enum InitializeArguments {
    /// CK_C_INITIALIZE_ARGS as NSS extends it: where the standard has `pReserved`, it takes the address of a text
    /// (`LibraryParameters`), and behind it looks for another `pReserved`, which must be null. Modules that take a text and
    /// know nothing of the extension read it from the standard's own place, which is where p11-kit puts it too
    /// (`x-init-reserved`).
    private struct Extended {
        var standard = CK_C_INITIALIZE_ARGS()
        var reserved: UnsafeMutableRawPointer?
    }

    /// Calls the module with the text, or without one. A text is copied and kept for ever, as a module may keep its address.
    static func initialize(_ function: CK_C_Initialize, text: String?) -> CK_RV {
        var arguments = Extended()
        // Locking is decided for the life of the process by whoever initialises first in some modules, so nothing else is
        // ever tried before; and other flags are refused by others.
        arguments.standard.flags = CKF_OS_LOCKING_OK
        if let text { arguments.standard.pReserved = UnsafeMutableRawPointer(strdup(text)) }
        return withUnsafeMutablePointer(to: &arguments) { function(UnsafeMutableRawPointer($0)) }
    }
}
