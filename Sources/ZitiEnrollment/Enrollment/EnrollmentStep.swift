/// The steps of an enrollment, in the order in which they are taken. Nothing is spent before the seventh.
public enum EnrollmentStep: Int, Sendable, CaseIterable, Comparable {
    /// The enrollment JWT is verified against the certificate that the controller presents.
    case verifyJWT = 1
    /// The controller's certificate authorities are fetched, and its own certificate verified with them.
    case fetchAuthorities = 2
    /// The output file is reserved.
    case reserveOutput = 3
    /// The store is opened, and one key selected or made.
    case openKey = 4
    /// The key proves what it can sign with.
    case proveSignatures = 5
    /// The certificate request is made.
    case makeRequest = 6
    /// The one-time token is redeemed for a certificate.
    case enroll = 7
    /// The certificate is checked.
    case checkCertificate = 8
    /// The certificate is stored beside the key, where the backend can.
    case storeCertificate = 9
    /// The identity file is written.
    case writeIdentity = 10

    /// The earlier of two steps is the smaller one.
    public static func < (left: EnrollmentStep, right: EnrollmentStep) -> Bool { left.rawValue < right.rawValue }

    /// What the step does, in words for a person.
    public var title: String {
        switch self {
        case .verifyJWT: "verify the enrollment JWT"
        case .fetchAuthorities: "fetch the controller's authorities"
        case .reserveOutput: "reserve the output file"
        case .openKey: "open the key"
        case .proveSignatures: "prove what the key can sign"
        case .makeRequest: "make the certificate request"
        case .enroll: "redeem the one-time token"
        case .checkCertificate: "check the certificate"
        case .storeCertificate: "store the certificate beside the key"
        case .writeIdentity: "write the identity file"
        }
    }
}
