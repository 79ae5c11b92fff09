internal import FoundationEssentials

/// What an administrator does: makes identities and their enrollments, and names those whose word counts.
struct Administration {
    let authority: Authority
    let state: State
    let url: String
    let now: Date

    /// The shortest lifetime of an enrollment; a shorter one becomes the default.
    private static let minimumLifetimeSeconds = 300
    private static let defaultLifetimeSeconds = 10_800

    /// The administration of a folder whose controller may be running or not.
    ///
    /// Throws a `ControllerError` if no controller ever ran on the folder, for then there is no URL to put in a JWT.
    init(folder path: String) throws {
        let folder = try Folder(path)
        guard let settings = try folder.read(FolderSettings.self, FolderSettings.file),
            let record = try folder.read(AuthorityRecord.self, AuthorityRecord.file)
        else { throw ControllerError("no controller has run on \(path) yet") }
        self.init(
            authority: try Authority(record), state: try State(folder),
            url: "https://\(settings.host):\(settings.port)", now: Date())
    }

    init(authority: Authority, state: State, url: String, now: Date) {
        self.authority = authority
        self.state = state
        self.url = url
        self.now = now
    }

    func makeEnrollment(name: String, method: EnrollmentMethod, lifetimeSeconds: Int) throws -> Enrollment {
        try Administration.check(name, "an identity")
        let lifetime =
            lifetimeSeconds < Administration.minimumLifetimeSeconds
            ? Administration.defaultLifetimeSeconds : lifetimeSeconds
        let token = Identifier.token()
        let unsigned = Enrollment(
            identityID: Identifier.entity(), method: method, token: token, jwt: "",
            expiresAt: now.addingTimeInterval(Double(lifetime)))
        var record = EnrollmentRecord(
            tokenDigest: Identifier.digest(ofToken: token), identityID: unsigned.identityID, method: method.name,
            expiresAt: unsigned.expiresAt)
        switch method {
        case .ott, .erott: break
        case .ottca(let id):
            guard try state.authority(id) != nil else { throw ControllerError("there is no CA with the id \(id)") }
            record.authorityID = id
        case .updb(let username):
            guard username.count >= 4, username.utf8.count <= 100 else {
                throw ControllerError("a user name has at least 4 characters and at most 100 bytes")
            }
            guard !state.isTaken(username: username) else {
                throw ControllerError("the user name \(username) is taken")
            }
            record.username = username
        }
        // A router is no identity, so its token leads nowhere.
        if method != .erott {
            let identity = Identity(
                id: unsigned.identityID, name: name, createdAt: now, updatedAt: now, environment: [:], sdk: [:])
            try state.add(identity, record)
        }
        return Enrollment(
            identityID: unsigned.identityID, method: method, token: token,
            jwt: try contents(unsigned).compact(authority), expiresAt: unsigned.expiresAt)
    }

    func addAuthority(_ authority: ThirdPartyAuthority) throws -> String {
        try Administration.check(authority.name, "a CA")
        let certificates = PEM.decodeAll(authority.certificatePEM)
        guard !certificates.isEmpty else { throw ControllerError("the certificate of the CA is not PEM") }
        guard certificates.allSatisfy({ (try? CertificateFields(der: $0))?.isAuthority == true }) else {
            throw ControllerError("a certificate that is no CA's cannot be added as one")
        }
        try state.add(authority)
        return authority.id
    }

    func addSigner(_ signer: TokenSigner) throws -> String {
        try Administration.check(signer.name, "a signer")
        guard !signer.issuer.isEmpty else { throw ControllerError("a signer needs the issuer of its JWTs") }
        guard try !state.signers().contains(where: { $0.issuer == signer.issuer }) else {
            throw ControllerError("a signer with the issuer \(signer.issuer) exists already")
        }
        guard ExternalToken.publicKeyDER(signer.publicKeyPEM) != nil else {
            throw ControllerError("the public key of the signer is neither a public key nor a certificate in PEM")
        }
        try state.add(signer)
        return signer.id
    }

    private static func check(_ name: String, _ what: String) throws {
        guard !name.isEmpty, name.utf8.count <= 255 else {
            throw ControllerError("a name of \(what) has 1 to 255 bytes")
        }
    }

    // MARK: JWTs

    /// What the JWT of an enrollment says.
    func contents(_ enrollment: Enrollment) -> JWTContents {
        JWTContents(
            algorithm: authority.serverKey.jwtAlgorithm, keyID: authority.serverFingerprint, issuer: url,
            subject: enrollment.identityID, expiresAt: enrollment.expiresAt, token: enrollment.token,
            method: enrollment.method.name, controllers: ["tls:localhost:6262"], audience: [""],
            isSignedByServer: true)
    }

    /// The JWT that lets everybody with a certificate of a CA enroll. It holds no secret.
    func authorityJWT(_ id: String) throws -> String {
        guard try state.authority(id) != nil else { throw ControllerError("there is no CA with the id \(id)") }
        return try lasting(method: "ca", subject: id, token: id).compact(authority)
    }

    /// The JWT that proves which network this is, and enrolls nobody.
    func networkJWT() throws -> String {
        try lasting(method: "network", subject: url + "/", token: Identifier.token()).compact(authority)
    }

    /// A JWT that does not expire; its issuer ends in a slash.
    private func lasting(method: String, subject: String, token: String) -> JWTContents {
        JWTContents(
            algorithm: authority.serverKey.jwtAlgorithm, keyID: authority.serverFingerprint, issuer: url + "/",
            subject: subject, expiresAt: nil, token: token, method: method, controllers: nil,
            audience: ["openziti-enroller"], isSignedByServer: true)
    }
}
