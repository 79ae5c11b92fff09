/// Identities that an enrollment makes, where none was made for it before.
extension State {
    /// What came of storing a certificate that somebody else issued.
    enum Acceptance {
        case done
        /// Another authenticator has the certificate.
        case certificateInUse
        /// The enrollment was used meanwhile.
        case spent
    }

    /// Swaps an enrollment for an authenticator whose certificate was not issued for it, in one step.
    func accept(_ authenticator: Authenticator, for enrollment: EnrollmentRecord) throws -> Acceptance {
        try values.withLock { values in
            guard values.enrollments[enrollment.tokenDigest] != nil else { return .spent }
            guard values.authenticators[authenticator.fingerprint] == nil else { return .certificateInUse }
            try folder?.write(authenticator, .authenticators, authenticator.id)
            values.authenticators[authenticator.fingerprint] = authenticator
            values.enrollments[enrollment.tokenDigest] = nil
            folder?.remove(.enrollments, enrollment.tokenDigest)
            return .done
        }
    }

    /// Stores a new identity with the authenticator it has from the start; false if another one has the certificate.
    ///
    /// A name that is taken gets six digits after it, counted up until it is free, as in the real controller.
    func add(_ identity: Identity, _ authenticator: Authenticator?) throws -> Bool {
        try values.withLock { values in
            if let authenticator, values.authenticators[authenticator.fingerprint] != nil { return false }
            var identity = identity
            let names = Set(values.identities.values.map(\.name))
            var count = 0
            while names.contains(identity.name) {
                count += 1
                let digits = String(count)
                identity.name += String(repeating: "0", count: max(0, 6 - digits.count)) + digits
            }
            try folder?.write(identity, .identities, identity.id)
            values.identities[identity.id] = identity
            guard let authenticator else { return true }
            try folder?.write(authenticator, .authenticators, authenticator.id)
            values.authenticators[authenticator.fingerprint] = authenticator
            return true
        }
    }

    /// The identity of an external id.
    func identity(externalID: String) -> Identity? {
        values.withLock { values in values.identities.values.first { $0.externalID == externalID } }
    }

    /// Whether an enrollment or an authenticator has the user name.
    func isTaken(username: String) -> Bool {
        values.withLock { values in
            values.passwords.values.contains { $0.username == username }
                || values.enrollments.values.contains { $0.username == username }
        }
    }
}
