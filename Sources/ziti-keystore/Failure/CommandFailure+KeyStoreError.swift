import KeyStoreCore

extension CommandFailure {
    /// A key store's failure. The exit status and the hint follow from its code alone.
    init(_ error: KeyStoreError) {
        var message = error.message
        if let left = error.triesLeft { message += " (\(left) \(left == 1 ? "try" : "tries") left)" }
        self.init(
            status: Self.status(of: error.code), code: "\(error.code)", message: message, operation: error.operation,
            subject: error.subject, hint: Self.hint(for: error.code), native: error.native)
    }

    /// The exit status of each code.
    static func status(of code: KeyStoreError.Code) -> ExitStatus {
        switch code {
        case .invalidURI: .usage
        case .invalidData: .badData
        case .noSuchToken, .noSuchKey, .noSuchCertificate, .identityChanged: .notFound
        case .ambiguousToken, .ambiguousKey: .ambiguous
        case .keyExists: .exists
        case .writeFailed: .cannotWrite
        case .pinRequired, .pinIncorrect, .pinLocked, .pinLastTry, .policyRefused: .notPermitted
        case .noSuchBackend, .incompatibleBackend, .untrustedLibrary: .configuration
        case .timedOut, .touchTimeout: .timedOut
        case .cancelled: .cancelled
        // The device went away, is held by another, failed, or cannot do it; and codes of a plugin newer than this program.
        default: .unavailable
        }
    }

    private static func hint(for code: KeyStoreError.Code) -> String {
        switch code {
        case .invalidURI: "'ziti-keystore uri REF' shows how a reference is read"
        case .noSuchBackend:
            "'ziti-keystore backends' lists the plugins; --plugin-path DIR looks elsewhere, --module PATH names a module"
        case .incompatibleBackend: "install a library that was built for this version"
        case .untrustedLibrary:
            "only its owner, you or root, may be able to write it; on the command line --module names a module that you trust"
        case .noSuchToken: "'ziti-keystore tokens' lists what is there"
        case .ambiguousToken, .ambiguousKey: "use one of the references that are listed"
        case .noSuchKey: "'ziti-keystore list REF' shows the token's keys; with a PIN the private ones too"
        case .keyExists: "choose another label and id, or delete the key that is there"
        case .pinRequired:
            "--pin-source FILE, --pin-fd N or --pin-env NAME give a PIN; --so-pin-source, --new-pin-source, "
                + "--passphrase-source and so on the other secrets"
        case .pinIncorrect: "it was sent once and is not sent again"
        case .pinLocked:
            "a locked user PIN is set anew by whoever administers the token: 'ziti-keystore token unblock REF'"
        case .pinLastTry: "--allow-last-try sends the PIN all the same; if it is wrong, the token is locked"
        case .identityChanged: "look at the token that is plugged in before you use it"
        case .tokenRemoved: "plug the token in and try again"
        case .touchTimeout: "try again, and touch the device when it asks"
        case .busy: "another program holds the device; try again when it is done"
        case .unsupportedOperation: "'ziti-keystore backends' shows what each backend can do"
        default: ""
        }
    }
}
