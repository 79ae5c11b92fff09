/// What a run of an enrollment does, as the JWT's method and the caller's options have it.
enum EnrollmentPlan: Sendable {
    /// `ott`: a certificate for a certificate request.
    case issue
    /// `ottca` and `ca`: a certificate of a third party is shown.
    case bring
    /// `updb`: a password is set.
    case setPassword
    /// `token` with a key: the holder of an external JWT gets a certificate for a certificate request.
    case issueToBearer
    /// `token` without a key: the holder of an external JWT becomes an identity.
    case enrollBearer
    /// `network`: nobody is enrolled, only the network's authorities are fetched.
    case trust

    /// The common name in certificate requests of the method `token`, where no identity exists yet.
    static let bearerCommonName = "enrollToCert"

    /// Throws `methodUnsupported`, or `inputInvalid` where the method needs what the caller did not give, or has no use for
    /// what the caller gave. Nothing has happened then.
    init(_ jwt: EnrollmentJWT, _ options: EnrollmentOptions, hasKey: Bool) throws(EnrollmentError) {
        try jwt.method.requireSupported()
        let plan: EnrollmentPlan =
            switch jwt.method {
            case .ottca, .ca: .bring
            case .updb: .setPassword
            case .network:
                options.externalJWT == nil ? .trust : hasKey ? .issueToBearer : .enrollBearer
            default: .issue
            }
        let method = plan.method(jwt)
        if plan.needsKey, !hasKey {
            throw Self.lacking("the method '\(method)' needs a key", "Name one with --key.")
        }
        if !plan.needsKey, hasKey {
            throw Self.lacking("the method '\(method)' has no use for a key", "Leave out --key.")
        }
        if plan != .bring, options.certificate != nil {
            throw Self.lacking(
                "the method '\(method)' has no use for a certificate",
                plan.needsKey ? "The controller issues one: leave out --cert." : "Leave out --cert.")
        }
        if plan == .bring, options.generate != nil {
            throw Self.lacking(
                "the method '\(method)' takes a key that has a certificate already, and makes none",
                "Leave out --generate.")
        }
        if plan == .setPassword, options.password == nil {
            throw Self.lacking("the method '\(method)' needs a password to set", "Give a source for one.")
        }
        if plan != .setPassword, options.password != nil {
            throw Self.lacking("the method '\(method)' sets no password", "Leave out the user name and password.")
        }
        if options.externalJWT != nil, jwt.method != .network {
            throw Self.lacking(
                "the enrollment JWT is for the method '\(method)', which takes no external JWT",
                "An external JWT goes with the JWT of a network, or with a controller's URL.")
        }
        if options.requestedName != nil, jwt.method != .ca {
            throw Self.lacking("the method '\(method)' takes no name: the identity has one", "Leave out --name.")
        }
        self = plan
    }

    /// Whether a key of a store is enrolled.
    var needsKey: Bool {
        switch self {
        case .issue, .bring, .issueToBearer: true
        case .setPassword, .enrollBearer, .trust: false
        }
    }

    /// Whether an external JWT is redeemed.
    var isForBearer: Bool { self == .issueToBearer || self == .enrollBearer }

    /// The method's name: that of the JWT, or `token` where an external JWT goes with the JWT of a network.
    func method(_ jwt: EnrollmentJWT) -> EnrollmentMethod { isForBearer ? .token : jwt.method }

    private static func lacking(_ message: String, _ hint: String) -> EnrollmentError {
        EnrollmentError(.inputInvalid, message, hint: hint)
    }
}
