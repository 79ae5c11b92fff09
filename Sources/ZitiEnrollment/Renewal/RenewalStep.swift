/// The steps of a renewal or a key roll, in the order in which they are taken. The identity file keeps working up to the
/// eighth; from then on its successor beside it does, until it takes its place in the tenth.
public enum RenewalStep: Int, Sendable, CaseIterable, Comparable {
    /// The identity logs in with the certificate that it has.
    case logIn = 1
    /// The controller's record of that certificate is found.
    case findAuthenticator = 2
    /// The key that takes over is selected or made, and proves what it can sign with. Nothing to do where the key stays.
    case openKey = 3
    /// The certificate request is made.
    case makeRequest = 4
    /// The controller issues the certificate. It does not accept it yet.
    case extend = 5
    /// The certificate is checked.
    case checkCertificate = 6
    /// The new identity file is written beside the old one.
    case writeNext = 7
    /// The controller is told that the certificate is safe. From now on it accepts no other.
    case verify = 8
    /// The identity logs in with the new certificate.
    case prove = 9
    /// The new identity file takes the old one's place.
    case replace = 10
    /// The certificate is stored beside the key, where the backend can.
    case storeCertificate = 11
    /// The old key is destroyed, where that was asked for.
    case deleteOldKey = 12

    /// The earlier of two steps is the smaller one.
    public static func < (left: RenewalStep, right: RenewalStep) -> Bool { left.rawValue < right.rawValue }

    /// What the step does, in words for a person.
    public var title: String {
        switch self {
        case .logIn: "log in with the current certificate"
        case .findAuthenticator: "find the controller's record of it"
        case .openKey: "open the key"
        case .makeRequest: "make the certificate request"
        case .extend: "ask for the new certificate"
        case .checkCertificate: "check the certificate"
        case .writeNext: "write the new identity file beside the old one"
        case .verify: "tell the controller that the certificate is safe"
        case .prove: "log in with the new certificate"
        case .replace: "replace the identity file"
        case .storeCertificate: "store the certificate beside the key"
        case .deleteOldKey: "delete the old key"
        }
    }
}
