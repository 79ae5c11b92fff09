import KeyStoreCore

/// What a program hears of its backends beside results.
struct HostListener: Sendable {
    /// Called with warnings and with what a device waits for, on the thread of the operation.
    var onNotice: @Sendable (Notice) -> Void
    /// Called with each native call, on whichever thread makes it; nil where nobody wants to know.
    var onTrace: (@Sendable (String) -> Void)?
}
