/// Credentials of method `updb`.
extension State {
    /// The authenticator of a user name.
    func passwordAuthenticator(username: String) -> PasswordAuthenticator? {
        values.withLock { values in values.passwords.values.first { $0.username == username } }
    }

    /// The authenticator of an identity.
    func passwordAuthenticator(identityID: String) -> PasswordAuthenticator? {
        values.withLock { $0.passwords[identityID] }
    }

    /// An authenticator by its id, whoever's it is.
    func passwordAuthenticator(id: String) -> PasswordAuthenticator? {
        values.withLock { values in values.passwords.values.first { $0.id == id } }
    }

    /// Swaps an enrollment for the user name and password it earned, in one step; false if it was used meanwhile.
    func spend(_ enrollment: EnrollmentRecord, for authenticator: PasswordAuthenticator) throws -> Bool {
        try values.withLock { values in
            guard values.enrollments[enrollment.tokenDigest] != nil else { return false }
            try folder?.write(authenticator, .passwords, authenticator.id)
            values.passwords[authenticator.identityID] = authenticator
            values.enrollments[enrollment.tokenDigest] = nil
            folder?.remove(.enrollments, enrollment.tokenDigest)
            return true
        }
    }
}
