@testable import DevelopmentController
import Testing

/// A recording of a request, and what has to be the case before it is sent again.
struct RecordedCase: Sendable, CustomTestStringConvertible {
    /// What stands in the place of the recorded token.
    enum Token: Sendable {
        /// There is none, or it stays the recorded one, which nobody here knows.
        case asRecorded
        /// That of a fresh enrollment of method `ott`.
        case fresh
        case used
        case expired
    }

    /// What the client presents and has.
    enum Client: Sendable {
        case anonymous
        /// The certificate of an enrollment that went well.
        case enrolled
        /// A certificate of an authority nobody knows.
        case foreign
        /// A certificate of the right authority that no enrollment stands behind.
        case neverEnrolled
        /// Enrolled, with an API session whose token is sent.
        case session
        /// The token of an API session, without a certificate.
        case sessionWithoutCertificate
        /// A session that was logged out.
        case endedSession
    }

    var name: String
    var route: Route?
    var refusal: Refusal.Kind?
    var token = Token.asRecorded
    var client = Client.anonymous

    init(
        _ name: String, _ route: Route?, _ refusal: Refusal.Kind? = nil, token: Token = .asRecorded,
        client: Client = .anonymous
    ) {
        self.name = name
        self.route = route
        self.refusal = refusal
        self.token = token
        self.client = client
    }

    var testDescription: String { name }

    static let all: [RecordedCase] = [
        .init("version-root", .version),
        .init("version", .version),
        .init("root", .version),
        .init("cacerts-root", .certificateAuthorities),
        .init("cacerts-client-prefix", .certificateAuthorities),
        .init("cacerts-no-accept", .certificateAuthorities),
        .init("cacerts-accept-json", .certificateAuthorities),
        .init("network-jwts", .networkJWTs),
        .init("enroll-jwks", .enrollJWKS),
        .init("unknown-path", nil, .pathNotFound),
        .init("openid-configuration-root", nil, .pathNotFound),
        .init("enroll-http-get", .enroll, .verbNotAllowed),
        .init("enroll-ott-success-json", .enroll, token: .fresh),
        .init("enroll-ott-success-no-accept", .enroll, token: .fresh),
        .init("enroll-ott-success-accept-any", .enroll, token: .fresh),
        .init("enroll-ott-success-text-plain", .enroll, token: .fresh),
        .init("enroll-ott-success-no-prefix", .enroll, token: .fresh),
        .init("enroll-ott-success-default-method", .enroll, token: .fresh),
        .init("enroll-ott-pkcs7-content-type", .enroll, token: .fresh),
        .init("enroll-ott-json-body-generic", .enroll, token: .fresh),
        .init("enroll-ott-json-endpoint-success", .enrollOtt, token: .fresh),
        .init("enroll-ott-key-rsa2048", .enroll, token: .fresh),
        .init("enroll-ott-key-rsa1024", .enroll, token: .fresh),
        .init("enroll-ott-key-ec-p384", .enroll, token: .fresh),
        .init("enroll-ott-key-ec-p521", .enroll, token: .fresh),
        .init("enroll-ott-key-ed25519", .enroll, token: .fresh),
        // The token had a lifetime below the minimum of five minutes, so it was good after all.
        .init("enroll-ott-expired-token", .enroll, token: .fresh),
        .init("enroll-ott-token-reused", .enroll, .invalidEnrollmentToken, token: .used),
        .init("enroll-ott-unknown-token", .enroll, .invalidEnrollmentToken),
        .init("enroll-ott-malformed-token", .enroll, .invalidEnrollmentToken),
        .init("enroll-ott-no-token", .enroll, .invalidEnrollmentToken),
        .init("enroll-ott-json-endpoint-unknown-token", .enrollOtt, .invalidEnrollmentToken),
        .init("enroll-updb-unknown-token", .enroll, .invalidEnrollmentToken),
        .init("enroll-ottca-unknown-token", .enroll, .invalidEnrollmentToken),
        .init("enroll-ott-bad-csr-garbage", .enroll, .couldNotProcessCSR, token: .fresh),
        .init("enroll-ott-bad-csr-empty", .enroll, .couldNotProcessCSR, token: .fresh),
        .init("enroll-ott-bad-csr-certificate-pem", .enroll, .couldNotProcessCSR, token: .fresh),
        .init("enroll-ott-bad-csr-signature", .enroll, .couldNotProcessCSR, token: .fresh),
        .init("enroll-ott-der-body", .enroll, .couldNotProcessCSR, token: .fresh),
        .init("enroll-ott-accept-pem", .enroll, .noSuitableAccept, token: .fresh),
        .init("enroll-ott-accept-html", .enroll, .noSuitableAccept, token: .fresh),
        .init("enroll-ott-pkcs10-content-type", .enroll, .unsupportedContentType, token: .fresh),
        .init("enroll-ott-no-content-type", .enroll, .unsupportedContentType, token: .fresh),
        .init("enroll-unknown-method", .enroll, .invalidEnrollMethod, token: .fresh),
        .init("enroll-unknown-method-json", .enroll, .invalidEnrollMethod, token: .fresh),
        .init("enroll-wrong-method-ottca-for-ott-token", .enroll, .invalidEnrollMethod, token: .fresh),
        .init("enroll-wrong-method-updb-for-ott-token", .enroll, .fieldTooShort, token: .fresh),
        .init("enroll-updb-short-password", .enroll, .fieldTooShort, token: .fresh),
        .init("enroll-ca-no-client-cert", .enroll, .caCertificateRefused),
        .init("enroll-ca-endpoint", .enrollCA),
        .init("enroll-token-endpoint", .enrollToken, .headerRequired),
        .init("authenticate-cert-success", .authenticate, client: .enrolled),
        .init("authenticate-cert-success-no-body", .authenticate, client: .enrolled),
        .init("authenticate-cert-no-client-cert", .authenticate, .authenticationRefused),
        .init("authenticate-cert-unknown-cert", .authenticate, .authenticationRefused, client: .foreign),
        .init("authenticate-cert-never-enrolled", .authenticate, .authenticationRefused, client: .neverEnrolled),
        .init("authenticate-unknown-method", .authenticate, .queryNotListed, client: .enrolled),
        .init("current-identity", .currentIdentity, client: .session),
        .init("current-identity-session-without-cert", .currentIdentity, client: .sessionWithoutCertificate),
        .init("current-identity-no-session", .currentIdentity, .noSession, client: .enrolled),
        .init("current-identity-bad-session", .currentIdentity, .badSession, client: .enrolled),
        .init("current-api-session", .currentAPISession, client: .session),
        .init("logout", .currentAPISession, client: .session),
        .init("current-identity-after-logout", .currentIdentity, .badSession, client: .endedSession),
        // Recorded for a token of method `ottca`; the reference says that all methods with a token answer alike.
        .init("enroll-ottca-expired-token", .enroll, .enrollmentExpired, token: .expired),
    ]

    /// Refusals without a recording; they follow what is known of the real controller's source.
    static let unjudgedRefusals: Set<Refusal.Kind> = [
        .bodyNotJSON, .fieldTooLong, .fieldNotUUID, .queryNotUUID, .queryRequired, .bodyTooLarge,
        .internalFailure, .unauthorized,
    ]

    /// Routes whose answers have no recording of this version with this outcome.
    static let unjudgedRoutes: Set<Route> = [
        .enrollOttCA, .enrollUpdb, .serviceUpdates, .services, .edgeRouters, .controllers,
    ]
}
