internal import FoundationEssentials

/// Identities that an administrator deletes.
extension State {
    /// Forgets an identity with what it logs in with and what it could enroll with, and ends its API sessions.
    func delete(_ identity: Identity, now: Date) throws {
        try values.withLock { values in
            let id = identity.id
            for session in values.sessions.values where session.identityID == id && session.endedAt == nil {
                var ended = session
                ended.endedAt = now
                try folder?.write(ended, .sessions, ended.id)
                values.sessions[ended.tokenDigest] = ended
            }
            for (fingerprint, authenticator) in values.authenticators where authenticator.identityID == id {
                folder?.remove(.authenticators, authenticator.id)
                values.authenticators[fingerprint] = nil
            }
            if let password = values.passwords[id] { folder?.remove(.passwords, password.id) }
            values.passwords[id] = nil
            for (digest, enrollment) in values.enrollments where enrollment.identityID == id {
                folder?.remove(.enrollments, digest)
                values.enrollments[digest] = nil
            }
            folder?.remove(.extensions, id)
            values.extensionRequests[id] = nil
            folder?.remove(.identities, id)
            values.identities[id] = nil
        }
    }
}
