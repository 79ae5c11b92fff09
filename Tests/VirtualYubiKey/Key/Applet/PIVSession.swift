internal import Foundation

/// What the applet forgets when another one is selected.
struct PIVSession {
    /// What the management key's owner is to prove.
    enum Challenge {
        /// This is to come back, decrypted.
        case witness([UInt8])
        /// This is to come back, encrypted.
        case challenge([UInt8])
    }

    var isPINVerified = false
    /// Whether the last command has verified the PIN.
    var isPINJustVerified = false
    var isManagementAuthenticated = false
    var challenge: Challenge?
    /// When the last touch was, for keys that remember it.
    var lastTouch: Date?
}
