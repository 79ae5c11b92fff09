@testable import DevelopmentController
import Testing

/// A recording of a request, and what has to be the case before it is sent again, for enrollment and whatever comes before it.
struct RecordedCase: Sendable, CustomTestStringConvertible {
    /// What stands in the place of the recorded token.
    enum Token: Sendable {
        /// There is none, or it stays the recorded one, which nobody here knows.
        case asRecorded
        /// That of a fresh enrollment of method `ott`, or of another one.
        case fresh, freshOTTCA, freshUpdb
        /// That of an enrollment that was made use of.
        case used, usedOTTCA, usedUpdb
        case expiredOTTCA
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
        /// A certificate of the third-party CA that the controller knows.
        case thirdParty
        /// The same, of a CA that nobody verified.
        case unverifiedThirdParty
        /// The same, past its end.
        case thirdPartyExpired
        /// The same, for servers only.
        case thirdPartyForServers
        /// A certificate of a third-party CA that the controller does not know.
        case otherThirdParty
        /// A certificate signed with its own key.
        case selfSigned
        /// A third party's certificate that enrolled by method `ca`.
        case enrolledByCA
        /// A third party's certificate that enrolled by method `ottca`.
        case enrolledByOTTCA
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
    /// The version of the controller that was recorded.
    var version = "v1.6.20"
    /// Whether its PKI is RSA.
    var isRSA = false

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

    var testDescription: String { file }

    /// The name of the recording's file below the folder of recordings.
    var file: String {
        if isRSA { return "\(version)-rsa/\(name)" }
        return version == "v1.6.20" ? name : "\(version)/\(name)"
    }

    /// Everything, in both versions.
    static let all: [RecordedCase] =
        first
        + first.map { recorded in
            var recorded = recorded
            recorded.version = "v2.0.3"
            return recorded
        }
        + first.filter { rsa.contains($0.name) }.map { recorded in
            var recorded = recorded
            recorded.isRSA = true
            return recorded
        }

    private static let rsa = ["cacerts-root", "enroll-ott-key-rsa2048", "enroll-ott-success-json"]

    private static let first: [RecordedCase] = [
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
        .init("enroll-wrong-method-ott-for-ottca-token", .enroll, .invalidEnrollMethod, token: .freshOTTCA),
        .init("enroll-updb-success", .enroll, token: .freshUpdb),
        .init("enroll-updb-json-endpoint", .enrollUpdb, token: .freshUpdb),
        .init("enroll-updb-other-username", .enroll, token: .freshUpdb),
        .init("enroll-updb-short-password", .enroll, .fieldTooShort, token: .freshUpdb),
        .init("enroll-updb-no-password", .enroll, .passwordMissing, token: .freshUpdb),
        .init("enroll-updb-token-reused", .enroll, .invalidEnrollmentToken, token: .usedUpdb),
        .init("enroll-ottca-success", .enroll, token: .freshOTTCA, client: .thirdParty),
        .init("enroll-ottca-no-content-type", .enroll, token: .freshOTTCA, client: .thirdParty),
        .init("enroll-ottca-json-endpoint", .enrollOttCA, token: .freshOTTCA, client: .thirdParty),
        .init("enroll-ottca-token-reused", .enroll, .invalidEnrollmentToken, token: .usedOTTCA, client: .thirdParty),
        .init("enroll-ottca-expired-token", .enroll, .enrollmentExpired, token: .expiredOTTCA, client: .thirdParty),
        .init("enroll-ottca-no-client-cert", .enroll, .clientCertificateFailedValidation, token: .freshOTTCA),
        .init(
            "enroll-ottca-wrong-ca", .enroll, .clientCertificateFailedValidation, token: .freshOTTCA,
            client: .otherThirdParty),
        .init(
            "enroll-ottca-self-signed", .enroll, .clientCertificateFailedValidation, token: .freshOTTCA,
            client: .selfSigned),
        .init(
            "enroll-ottca-expired-client-cert", .enroll, .clientCertificateFailedValidation, token: .freshOTTCA,
            client: .thirdPartyExpired),
        .init(
            "enroll-ottca-server-eku", .enroll, .clientCertificateFailedValidation, token: .freshOTTCA,
            client: .thirdPartyForServers),
        .init("enroll-ottca-cert-in-use", .enroll, .certificateInUse, token: .freshOTTCA, client: .enrolledByOTTCA),
        .init("enroll-ca-success", .enroll, client: .thirdParty),
        .init("enroll-ca-success-json-name", .enroll, client: .thirdParty),
        .init("enroll-ca-success-text-plain", .enroll, client: .thirdParty),
        .init("enroll-ca-cert-in-use", .enroll, .certificateInUse, client: .enrolledByCA),
        .init("enroll-ca-no-client-cert", .enroll, .caCertificateRefused),
        .init("enroll-ca-wrong-ca", .enroll, .caCertificateRefused, client: .otherThirdParty),
        .init("enroll-ca-unverified-ca", .enroll, .caCertificateRefused, client: .unverifiedThirdParty),
        .init("enroll-ca-endpoint", .enrollCA, client: .thirdParty),
        .init("enroll-token-endpoint", .enrollToken, .headerRequired),
        .init("authenticate-cert-success", .authenticate, client: .enrolled),
        .init("authenticate-cert-success-no-body", .authenticate, client: .enrolled),
        .init("authenticate-cert-success-ca", .authenticate, client: .enrolledByCA),
        .init("authenticate-cert-success-ottca", .authenticate, client: .enrolledByOTTCA),
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
    ]

    /// Refusals without a recording; they follow what is known of the real controller's source.
    static let unjudgedRefusals: Set<Refusal.Kind> = [
        .bodyNotJSON, .fieldTooLong, .fieldNotUUID, .queryNotUUID, .queryRequired, .bodyTooLarge, .internalFailure,
        .unauthorized, .badAccessToken, .noAuthorities, .authorityNotValid, .alreadyEnrolled, .enrollmentNotAllowed,
        .rateLimited, .tooManyRequests, .timeout, .noLeader,
    ]

    /// Routes whose answers have no recording of this version with this outcome.
    static let unjudgedRoutes: Set<Route> = [
        .externalJWTSigners, .serviceUpdates, .services, .edgeRouters, .controllers,
    ]
}
