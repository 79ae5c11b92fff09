/// How an enrollment JWT wants to be redeemed: its `em` claim.
public struct EnrollmentMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The claim's value.
    public let rawValue: String

    /// Makes a method from the claim's value, known here or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An identity whose certificate the controller issues for a one-time token.
    public static let ott = EnrollmentMethod(rawValue: "ott")
    /// An identity that brings a certificate of a third party.
    public static let ottca = EnrollmentMethod(rawValue: "ottca")
    /// Any holder of a certificate of a third party.
    public static let ca = EnrollmentMethod(rawValue: "ca")
    /// An identity with a user name and a password.
    public static let updb = EnrollmentMethod(rawValue: "updb")
    /// An identity that an external JWT vouches for.
    public static let token = EnrollmentMethod(rawValue: "token")
    /// Proves only which network this is.
    public static let network = EnrollmentMethod(rawValue: "network")
    /// An edge router.
    public static let erott = EnrollmentMethod(rawValue: "erott")
    /// A transit router.
    public static let trott = EnrollmentMethod(rawValue: "trott")

    /// The claim's value.
    public var description: String { rawValue }

    /// Whether JWTs of this method always say when they expire. Those for third-party authorities and networks never do.
    var mustExpire: Bool { self != .ca && self != .network }

    /// Throws `methodUnsupported`, saying why, unless this version enrolls with the method.
    func requireSupported() throws(EnrollmentError) {
        switch self {
        case .ott, .ottca, .ca, .updb, .network:
            return
        case .token:
            throw EnrollmentError(
                .methodUnsupported, "no controller makes an enrollment JWT for the method 'token'",
                hint: "Give the controller's URL and an external JWT instead.")
        case .erott, .trott:
            throw EnrollmentError(
                .methodUnsupported, "the enrollment JWT is for a router (method '\(rawValue)'), not for an identity",
                hint: "Give it to the router, and ask for an enrollment JWT of an identity.")
        default:
            throw EnrollmentError(
                .methodUnsupported, "the enrollment method of the JWT is not known",
                hint: "Ask for an enrollment JWT of the method 'ott'.")
        }
    }
}
