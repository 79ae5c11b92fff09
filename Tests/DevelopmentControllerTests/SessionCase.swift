@testable import DevelopmentController
import Testing

/// A recorded request of a client that has enrolled, and how far things have come when it is sent again.
struct SessionCase: Sendable, CustomTestStringConvertible {
    /// What happened before; each stage includes those above it.
    enum Stage: Int, Sendable {
        case authenticated, extensionRequested, extended, verified
        /// An identity whose certificate is a third party's, with an API session.
        case thirdParty
        /// An identity with a user name and password.
        case password
    }

    enum Presented: Sendable {
        case old, new, nothing
    }

    /// What stands in the place of the certificate in the recorded body.
    enum Body: Sendable {
        case asRecorded, oldCertificate, newCertificate
    }

    var name: String
    var route: Route
    var refusal: Refusal.Kind?
    var stage = Stage.authenticated
    var presented = Presented.old
    var body = Body.asRecorded
    var version = "v1.6.20"

    init(
        _ name: String, _ route: Route, _ refusal: Refusal.Kind? = nil, stage: Stage = .authenticated,
        presented: Presented = .old, body: Body = .asRecorded
    ) {
        self.name = name
        self.route = route
        self.refusal = refusal
        self.stage = stage
        self.presented = presented
        self.body = body
    }

    var testDescription: String { "\(name) \(version)" }

    /// The name of the recording's file below the folder of recordings.
    var file: String { version == "v1.6.20" ? name : "\(version)/\(name)" }

    func with(version: String) -> SessionCase {
        var changed = self
        changed.version = version
        return changed
    }

    func with(name: String) -> SessionCase {
        var changed = self
        changed.name = name
        return changed
    }

    /// Everything, in both versions.
    static let all = ["v1.6.20", "v2.0.3"].flatMap { version in later.map { $0.with(version: version) } }

    /// What follows enrollment and the first session; those themselves are among the `RecordedCase`s.
    private static let later: [SessionCase] = [
        .init("current-identity-authenticators", .authenticators),
        .init("current-identity-authenticator", .authenticator),
        .init("current-identity-authenticators-ottca", .authenticators, stage: .thirdParty),
        .init("current-api-session-extend-requested", .currentAPISession, stage: .extensionRequested),
        .init("authenticate-cert-success-extend-requested", .authenticate, stage: .extensionRequested),
        .init("extend-success", .extend, stage: .extensionRequested),
        .init("extend-bad-csr", .extend, .couldNotProcessCSR),
        .init("extend-no-csr", .extend, .fieldRequired),
        .init("extend-no-session", .extend, .noSession),
        .init("extend-unknown-authenticator", .extend, .entityNotFound),
        .init("extend-third-party-cert", .extend, .authenticatorNotUpdatable, stage: .thirdParty),
        .init(
            "authenticate-cert-new-before-verify", .authenticate, .authenticationRefused, stage: .extended,
            presented: .new),
        .init(
            "extend-verify-wrong-cert", .extendVerify, .clientCertificateInvalid, stage: .extended,
            body: .oldCertificate),
        .init("extend-verify-garbage", .extendVerify, .clientCertificateInvalid, stage: .extended),
        .init("extend-verify-success", .extendVerify, stage: .extended, body: .newCertificate),
        .init(
            "extend-verify-again", .extendVerify, .authenticatorNotUpdatable, stage: .verified, body: .newCertificate),
        .init("current-identity-old-session-after-verify", .currentIdentity, stage: .verified),
        .init("authenticate-cert-old-after-verify", .authenticate, .authenticationRefused, stage: .verified),
        .init("authenticate-cert-new-after-verify", .authenticate, stage: .verified, presented: .new),
        .init("authenticate-password-success-updb", .authenticate, stage: .password, presented: .nothing),
        // Recorded at the management API, whose answer is the same.
        .init(
            "authenticate-password-failure", .authenticate, .authenticationRefused, stage: .password,
            presented: .nothing),
    ]
}
