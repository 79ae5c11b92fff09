internal import FoundationEssentials
internal import Synchronization

/// Identities, enrollments, authenticators and API sessions; in memory, and in a folder where there is one.
///
/// Nothing is ever forgotten except spent enrollments and deleted identities: a development controller is not meant to run for years.
final class State: Sendable {
    struct Values {
        var identities: [String: Identity] = [:]
        var enrollments: [String: EnrollmentRecord] = [:]
        /// By the fingerprint of the certificate.
        var authenticators: [String: Authenticator] = [:]
        /// By the id of the identity.
        var passwords: [String: PasswordAuthenticator] = [:]
        /// By the id of the identity.
        var extensionRequests: [String: ExtensionRequest] = [:]
        /// By their ids.
        var authorities: [String: ThirdPartyAuthority] = [:]
        /// By their ids.
        var signers: [String: TokenSigner] = [:]
        /// By the digest of the session's token.
        var sessions: [String: APISession] = [:]

        /// Whether an authenticator was issued for a token, told by its digest.
        func isSpent(_ digest: String) -> Bool {
            authenticators.values.contains { $0.tokenDigest == digest }
                || passwords.values.contains { $0.tokenDigest == digest }
        }

        /// The digests of the tokens that an authenticator was issued for.
        var spentDigests: Set<String> {
            Set(authenticators.values.map(\.tokenDigest)).union(passwords.values.map(\.tokenDigest))
        }
    }

    let values: Mutex<Values>
    let folder: Folder?

    /// Reads the state from the folder, or begins with none.
    init(_ folder: Folder?) throws {
        var values = Values()
        if let folder {
            for value in try folder.readAll(Identity.self, .identities) { values.identities[value.id] = value }
            for value in try folder.readAll(Authenticator.self, .authenticators) {
                values.authenticators[value.fingerprint] = value
            }
            for value in try folder.readAll(PasswordAuthenticator.self, .passwords) {
                values.passwords[value.identityID] = value
            }
            let spent = values.spentDigests
            for value in try folder.readAll(EnrollmentRecord.self, .enrollments)
            where !spent.contains(value.tokenDigest) {
                values.enrollments[value.tokenDigest] = value
            }
            for value in try folder.readAll(APISession.self, .sessions) { values.sessions[value.tokenDigest] = value }
        }
        self.values = Mutex(values)
        self.folder = folder
    }

    /// Stores a new identity with its enrollment.
    func add(_ identity: Identity, _ enrollment: EnrollmentRecord) throws {
        try values.withLock { values in
            try folder?.write(identity, .identities, identity.id)
            try folder?.write(enrollment, .enrollments, enrollment.tokenDigest)
            values.identities[identity.id] = identity
            values.enrollments[enrollment.tokenDigest] = enrollment
        }
    }

    /// The enrollment a token stands for, if it was not used. One that another process put into the folder is found.
    func enrollment(token: String) throws -> EnrollmentRecord? {
        let digest = Identifier.digest(ofToken: token)
        return try values.withLock { values in
            if let known = values.enrollments[digest] { return known }
            guard let folder, let found = try folder.read(EnrollmentRecord.self, .enrollments, digest),
                !values.isSpent(digest)
            else { return nil }
            values.enrollments[digest] = found
            return found
        }
    }

    /// An identity by its id, in the folder too.
    func identity(_ id: String) throws -> Identity? {
        try values.withLock { values in
            if let known = values.identities[id] { return known }
            guard let found = try folder?.read(Identity.self, .identities, id) else { return nil }
            values.identities[id] = found
            return found
        }
    }

    /// Swaps an enrollment for the authenticator it earned, in one step; false if it was used meanwhile.
    func spend(_ enrollment: EnrollmentRecord, for authenticator: Authenticator) throws -> Bool {
        try values.withLock { values in
            guard values.enrollments[enrollment.tokenDigest] != nil else { return false }
            try folder?.write(authenticator, .authenticators, authenticator.id)
            values.authenticators[authenticator.fingerprint] = authenticator
            values.enrollments[enrollment.tokenDigest] = nil
            folder?.remove(.enrollments, enrollment.tokenDigest)
            return true
        }
    }

    /// The authenticator of a client certificate.
    func authenticator(fingerprint: String) -> Authenticator? {
        values.withLock { $0.authenticators[fingerprint] }
    }

    /// The newest authenticator of an identity.
    func authenticator(identityID: String) -> Authenticator? {
        values.withLock { values in
            values.authenticators.values.filter { $0.identityID == identityID }.max { $0.createdAt < $1.createdAt }
        }
    }

    /// Stores a new API session and what the client said of itself.
    func add(_ session: APISession, environment: [String: String]?, sdk: [String: String]?, now: Date) throws {
        try values.withLock { values in
            if var identity = values.identities[session.identityID] {
                identity.environment = environment ?? identity.environment
                identity.sdk = sdk ?? identity.sdk
                identity.updatedAt = now
                try folder?.write(identity, .identities, identity.id)
                values.identities[identity.id] = identity
            }
            try folder?.write(session, .sessions, session.id)
            values.sessions[session.tokenDigest] = session
        }
    }

    /// The live session of a token; using it makes it last thirty minutes more.
    ///
    /// Only the start and the end of a session are written to the folder, so a restart may cost it what it gained.
    func session(token: String, now: Date) -> APISession? {
        let digest = Identifier.digest(ofToken: token)
        return values.withLock { values in
            guard var session = values.sessions[digest], session.endedAt == nil,
                now < session.lastActivityAt.addingTimeInterval(Double(State.sessionSeconds))
            else { return nil }
            session.lastActivityAt = now
            values.sessions[digest] = session
            return session
        }
    }

    /// A session by its id, unless it was ended; how long it lasts is for the caller to know.
    func session(id: String) -> APISession? {
        values.withLock { values in values.sessions.values.first { $0.id == id && $0.endedAt == nil } }
    }

    /// Ends a session: logout.
    func end(_ session: APISession, now: Date) throws {
        try values.withLock { values in
            var ended = session
            ended.endedAt = now
            try folder?.write(ended, .sessions, ended.id)
            values.sessions[session.tokenDigest] = ended
        }
    }

    /// Every session there ever was, oldest first.
    var sessions: [APISession] {
        values.withLock { $0.sessions.values.sorted { $0.createdAt < $1.createdAt } }
    }

    /// How long an API session lives after its last use.
    static let sessionSeconds = 1800
}
