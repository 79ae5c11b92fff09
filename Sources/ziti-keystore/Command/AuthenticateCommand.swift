import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

/// Logs in with an identity file, and says who the controller takes us for.
struct AuthenticateCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "authenticate",
        abstract: "Log in with an identity file, and print who the controller says we are.",
        discussion: """
            The API session is ended again. Where the file names several controllers, they are tried in its order, and \
            the output names the one that answered. A library that the identity file names is loaded only if p11-kit, the \
            configuration or --module names it too, or if root owns it.

            Example:
              ziti-keystore authenticate ziggy.json --pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Argument(help: "The identity file.")
    var identity: String

    func run(in context: CommandContext) async throws {
        let (file, uri) = try readIdentity()
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let source = KeySource(uri: uri, pin: secrets.source) { () throws(KeyStoreError) in
            try await context.loader.open(context.request(uri, isFromFile: true), backend: context.backend)
        }
        let seconds = common.timeout.map { max(1, Int($0.rounded(.up))) } ?? 30
        let result: Authentication
        do throws(EnrollmentError) {
            var authenticator = Authenticator(identity: file, timeoutSeconds: seconds)
            authenticator.proxy = .inherited
            result = try await authenticator.authenticate(with: source)
        } catch {
            var failure = CommandFailure(error)
            if failure.operation.isEmpty { failure.operation = "authenticate" }
            if failure.subject.isEmpty { failure.subject = identity }
            throw failure
        }
        for attempt in result.passedOver { context.report.warning("passed over a controller: \(attempt)") }
        if result.isRenewalRequested { context.report.note("the controller asks for the certificate to be renewed") }
        let algorithm = result.signatureAlgorithm.map { "\($0)" } ?? ""
        let lines = [
            ("identity", "\(result.identityName) (\(result.identityID))"), ("controller", result.controller.text),
            ("key", uri.redacted), ("connection", "TLS \(result.tlsVersion), \(algorithm)"),
        ]
        try context.print(
            "authenticate",
            [
                .object([
                    ("uri", .string(uri.redacted)), ("identity", .string(result.identityID)),
                    ("name", .string(result.identityName)), ("controller", .string(result.controller.text)),
                    ("apiSession", .string(result.apiSessionID)), ("expiresAt", .string(result.expiresAt)),
                    ("authenticator", .string(result.authenticatorID)),
                    ("isRenewalRequested", .bool(result.isRenewalRequested)), ("tls", .string(result.tlsVersion)),
                    ("alg", .string(algorithm)), ("isLoggedOut", .bool(result.isLoggedOut)),
                ])
            ],
            text: lines.map { "\($0.0)\t\(StandardStream.sanitised($0.1).replacingNewlines)" }.joined(separator: "\n"))
    }

    private func readIdentity() throws -> (IdentityFile, KeyStoreURI) {
        do throws(EnrollmentError) {
            let file = try IdentityFile(path: identity)
            return (file, try file.keyReference())
        } catch {
            throw CommandFailure(error, file: identity)
        }
    }
}
