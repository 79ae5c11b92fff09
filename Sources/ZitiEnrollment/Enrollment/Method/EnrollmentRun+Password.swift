import FoundationEssentials
import KeyStoreCore

/// The method `updb`: a user name and a password.
extension EnrollmentRun {
    /// Asks for the password, and sends it with the one-time token. Puts down who is enrolled, and never the password.
    mutating func setPassword(trust: ControllerTrust) async throws {
        guard let wanted = options.password else { throw EnrollmentError(.defect, "there is no password") }
        let password: String
        do {
            let secret = try wanted.ask()
            guard let text = secret.withBytes({ String(validating: $0, as: UTF8.self) }), !text.isEmpty else {
                throw EnrollmentError(.inputInvalid, "the password is empty, or not text in UTF-8")
            }
            password = text
        } catch let error as KeyStoreError {
            throw EnrollmentError(error)
        }
        var members = ["password": password]
        members["username"] = wanted.username
        let tls = try clientTLS(trust)
        var confirm: (@Sendable () async throws(EnrollmentError) -> Bool)?
        if let username = wanted.username {
            let login = LoginCheck(
                controller: jwt.controller, tls: tls, proxy: options.proxy, seconds: options.timeoutSeconds,
                identityID: jwt.identityID, method: "password",
                body: try jsonBody(["username": username, "password": password]), secret: password)
            confirm = { () throws(EnrollmentError) in try await login.succeeds() }
        }
        begin(.enroll)
        let outcome = try await send(
            Redemption(
                path: "/enroll?method=updb&token=\(escapedToken)", headers: [("Content-Type", "application/json")],
                body: try jsonBody(members), tls: tls, confirm: confirm,
                lostHint: "The password may be set: try to log in with it, or ask for a new JWT.", secret: password),
            proof: nil)
        var username = wanted.username
        var controllers: [String]?
        if case .accepted(let answer) = outcome {
            let told = EnrollmentAnswer(answer)
            // The administrator's name for the user counts, whatever was sent.
            if let name = told.username {
                if let username, username != name {
                    tell(.warning, "the controller keeps the user name '\(name)', which the administrator gave")
                }
                username = name
            }
            controllers = told.controllers
        }
        try putDown(trust: trust, username: username, controllers: controllers)
        try milestone(.certificateRecorded)
    }
}
