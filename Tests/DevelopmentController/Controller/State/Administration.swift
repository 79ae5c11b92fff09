internal import FoundationEssentials

/// What an administrator does: makes identities and their enrollments.
struct Administration {
    let authority: Authority
    let state: State
    let url: String
    let now: Date

    /// The shortest lifetime of an enrollment; a shorter one becomes the default.
    private static let minimumLifetimeSeconds = 300
    private static let defaultLifetimeSeconds = 10_800

    func makeEnrollment(name: String, lifetimeSeconds: Int) throws -> Enrollment {
        guard !name.isEmpty, name.utf8.count <= 255 else {
            throw ControllerError("a name of an identity has 1 to 255 bytes")
        }
        let lifetime =
            lifetimeSeconds < Administration.minimumLifetimeSeconds
            ? Administration.defaultLifetimeSeconds : lifetimeSeconds
        let identity = Identity(
            id: Identifier.entity(), name: name, createdAt: now, updatedAt: now, environment: [:], sdk: [:])
        let token = Identifier.token()
        let expiresAt = now.addingTimeInterval(Double(lifetime))
        try state.add(
            identity,
            EnrollmentRecord(
                tokenDigest: Identifier.digest(ofToken: token), identityID: identity.id, method: "ott",
                expiresAt: expiresAt))
        let unsigned = Enrollment(identityID: identity.id, token: token, jwt: "", expiresAt: expiresAt)
        return Enrollment(
            identityID: identity.id, token: token, jwt: try contents(unsigned).compact(authority),
            expiresAt: expiresAt)
    }

    /// What the JWT of an enrollment says.
    func contents(_ enrollment: Enrollment) -> JWTContents {
        JWTContents(
            algorithm: authority.serverKey.jwtAlgorithm, keyID: authority.serverFingerprint, issuer: url,
            subject: enrollment.identityID, expiresAt: enrollment.expiresAt, token: enrollment.token, method: "ott",
            controllers: ["tls:localhost:6262"], audience: [""], isSignedByServer: true)
    }
}
