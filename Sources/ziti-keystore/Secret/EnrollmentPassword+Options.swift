import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

extension EnrollmentPassword {
    /// The password that the command line names a source for, or that the person at the terminal enters twice.
    init(_ options: PasswordOptions, mayAsk: Bool) throws {
        let choice = try options.choice()
        let subject = options.username.map { "the user '\($0)'" } ?? "the user"
        self.init(username: options.username) { () throws(KeyStoreError) in
            let request = PINRequest(kind: .newPassphrase, subject: subject, uri: "")
            if let choice { return try choice.source.pin(for: request) }
            guard mayAsk else {
                throw KeyStoreError(
                    .pinRequired,
                    "\(subject) needs a password, no source for it was given, and --non-interactive forbids asking",
                    operation: "ask for a secret")
            }
            TerminalSettings.remember()
            return try PINSource.newPassword.pin(for: request)
        }
    }
}
