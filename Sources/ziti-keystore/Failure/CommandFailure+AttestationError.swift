import KeyStoreAttestation

extension CommandFailure {
    /// An attestation that proves nothing, or not enough.
    init(_ error: AttestationError) {
        self.init(
            status: Self.status(of: error.code), code: "\(error.code)", message: error.message,
            operation: "verify attestation", hint: error.hint)
    }

    /// The same, of a file.
    init(_ error: AttestationError, file: String) {
        self.init(error)
        subject = file
    }

    private static func status(of code: AttestationError.Code) -> ExitStatus {
        switch code {
        // Like a token that is another one than the known.
        case .otherKey, .otherDevice: .notFound
        // What was asked for on the command line refuses a key that is what it says.
        case .pinPolicyTooWeak, .touchPolicyTooWeak, .firmwareTooOld: .notPermitted
        default: .badData
        }
    }
}
