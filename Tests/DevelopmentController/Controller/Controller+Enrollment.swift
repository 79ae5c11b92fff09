internal import FoundationEssentials

/// What an administrator does, with a controller that runs here or with the folder of one.
extension Controller {
    private var administration: Administration {
        Administration(authority: authority, state: state, url: url, now: now())
    }

    /// Makes an identity with an enrollment of a method.
    ///
    /// A lifetime below five minutes becomes the default of three hours, as the real controller does it. Throws a
    /// `ControllerError` for a CA that was not added and for a user name that is taken or too short.
    public func makeEnrollment(name: String, method: EnrollmentMethod, lifetimeSeconds: Int = 10_800) throws
        -> Enrollment
    {
        try administration.makeEnrollment(name: name, method: method, lifetimeSeconds: lifetimeSeconds)
    }

    /// Makes an identity with an enrollment of method `ott`.
    public func makeEnrollment(name: String, lifetimeSeconds: Int = 10_800) throws -> Enrollment {
        try makeEnrollment(name: name, method: .ott, lifetimeSeconds: lifetimeSeconds)
    }

    /// Makes an identity with an enrollment of method `ottca` for a certificate of a CA, which is named by its id.
    public func makeEnrollment(name: String, authority: String, lifetimeSeconds: Int = 10_800) throws -> Enrollment {
        try makeEnrollment(name: name, method: .ottca(authority: authority), lifetimeSeconds: lifetimeSeconds)
    }

    /// Makes an identity with an enrollment of method `updb` for a user name.
    public func makeEnrollment(name: String, username: String, lifetimeSeconds: Int = 10_800) throws -> Enrollment {
        try makeEnrollment(name: name, method: .updb(username: username), lifetimeSeconds: lifetimeSeconds)
    }

    /// The JWT of an enrollment with something changed, signed anew.
    public func makeJWT(for enrollment: Enrollment, changing change: (inout JWTContents) -> Void) throws -> String {
        var contents = administration.contents(enrollment)
        change(&contents)
        return try contents.compact(authority)
    }

    /// Adds a third-party CA and returns the id of its entity.
    ///
    /// The text holds one certificate or several in PEM, all of them CAs' and trusted alike.
    public func addAuthority(
        name: String, pem: String, isAutoEnrollmentEnabled: Bool = true, isOTTCAEnrollmentEnabled: Bool = true,
        isVerified: Bool = true
    ) throws -> String {
        try administration.addAuthority(
            ThirdPartyAuthority(
                id: Identifier.authority(), name: name, certificatePEM: pem,
                isAutoEnrollmentEnabled: isAutoEnrollmentEnabled, isOTTCAEnrollmentEnabled: isOTTCAEnrollmentEnabled,
                isVerified: isVerified, createdAt: now()))
    }

    /// The enrollment JWT of method `ca` for a CA, which is named by its id.
    public func makeAuthorityJWT(_ id: String) throws -> String {
        try administration.authorityJWT(id)
    }

    /// The JWT of method `network`, as `/network-jwts` has it.
    public var networkJWT: String {
        get throws { try networkToken.jwt(administration) }
    }

    /// Adds a signer of external JWTs and returns the id of its entity.
    ///
    /// The public key is a SubjectPublicKeyInfo or a certificate in PEM, of a kind that signs enrollment JWTs too.
    public func addSigner(
        name: String, issuer: String, publicKeyPEM: String, enrollsToCertificate: Bool = true,
        enrollsToToken: Bool = true
    ) throws -> String {
        try administration.addSigner(
            TokenSigner(
                id: Identifier.authority(), name: name, issuer: issuer, publicKeyPEM: publicKeyPEM,
                enrollsToCertificate: enrollsToCertificate, enrollsToToken: enrollsToToken, createdAt: now()))
    }

    /// Deletes the identities of a name, or the one of an id, with all that they log in with.
    ///
    /// Throws a `ControllerError` if there is none.
    public func deleteIdentity(nameOrID: String) throws {
        let found = state.identities(nameOrID: nameOrID)
        guard !found.isEmpty else { throw ControllerError("there is no identity \(nameOrID)") }
        for identity in found { try state.delete(identity, now: now()) }
    }

    // MARK: In a folder

    /// Makes an identity with an enrollment in the folder of a controller, which may be running or not.
    ///
    /// Throws a `ControllerError` if no controller ever ran on the folder, for then there is no URL to put in the JWT.
    public static func makeEnrollment(
        name: String, method: EnrollmentMethod = .ott, lifetimeSeconds: Int = 10_800, inFolder path: String
    ) throws -> Enrollment {
        try Administration(folder: path).makeEnrollment(name: name, method: method, lifetimeSeconds: lifetimeSeconds)
    }

    /// Adds a third-party CA in the folder of a controller, which may be running or not, and returns its id.
    public static func addAuthority(
        name: String, pem: String, isAutoEnrollmentEnabled: Bool = true, isOTTCAEnrollmentEnabled: Bool = true,
        isVerified: Bool = true, inFolder path: String
    ) throws -> String {
        let administration = try Administration(folder: path)
        return try administration.addAuthority(
            ThirdPartyAuthority(
                id: Identifier.authority(), name: name, certificatePEM: pem,
                isAutoEnrollmentEnabled: isAutoEnrollmentEnabled, isOTTCAEnrollmentEnabled: isOTTCAEnrollmentEnabled,
                isVerified: isVerified, createdAt: administration.now))
    }

    /// The enrollment JWT of method `ca` for a CA in a folder.
    public static func makeAuthorityJWT(_ id: String, inFolder path: String) throws -> String {
        try Administration(folder: path).authorityJWT(id)
    }

    /// A JWT of method `network` for the controller of a folder.
    public static func networkJWT(inFolder path: String) throws -> String {
        try Administration(folder: path).networkJWT()
    }

    /// Adds a signer of external JWTs in the folder of a controller, which may be running or not, and returns its id.
    public static func addSigner(
        name: String, issuer: String, publicKeyPEM: String, enrollsToCertificate: Bool = true,
        enrollsToToken: Bool = true, inFolder path: String
    ) throws -> String {
        let administration = try Administration(folder: path)
        return try administration.addSigner(
            TokenSigner(
                id: Identifier.authority(), name: name, issuer: issuer, publicKeyPEM: publicKeyPEM,
                enrollsToCertificate: enrollsToCertificate, enrollsToToken: enrollsToToken,
                createdAt: administration.now))
    }
}
