extension KeyStoreError {
    /// Who can do something about a failure.
    public enum Responsible: String, Sendable {
        /// The person at the keyboard: another reference, the right PIN, the token plugged in.
        case user
        /// Whoever runs the machine or the token: packages, configuration, unlocking.
        case administrator
        /// Whoever wrote the calling program, the plugin or the module.
        case program
    }

    /// Who must act.
    public var responsible: Responsible {
        switch code {
        case .noSuchBackend, .incompatibleBackend, .untrustedLibrary, .pinLocked, .policyRefused, .backendFailure:
            .administrator
        case .unsupportedMechanism, .unsupportedOperation, .invalidReply: .program
        default: .user
        }
    }

    /// Whether the same call may succeed later without anything else being changed.
    public var mayPassOnRetry: Bool {
        switch code {
        case .tokenRemoved, .touchTimeout, .timedOut, .busy, .cancelled: true
        default: false
        }
    }
}
