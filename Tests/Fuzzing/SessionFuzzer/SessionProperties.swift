import FoundationEssentials
import NIOHTTP1

@testable import ZitiEnrollment
@testable import ZitiHTTP

/// What is true of every login and every answer that leads to one, whatever a controller sends. Ends the process where
/// something is not.
enum SessionProperties {
    private typealias Answer = ControllerExchange.Answer

    private static let controller = ControllerAddress("https://ctrl.example.org:1280")!
    /// What no error and no description may repeat.
    private static let secret = "c2VjcmV0LXNlc3Npb24tdG9rZW4"

    static func hold(for bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        location(text)
        form(text)
        redirects(text, bytes)
        for status in [200, 302, 404, 503] {
            let answer = Answer(status: status, headers: ["Content-Type": "application/json"], body: bytes)
            version(answer)
            endpoints(answer)
            logins(answer)
            for address in ControllerList.addresses(answer.asControllerAnswer) { stays(address.text, on: address.host) }
        }
        // The fuzzer's bytes behind the beginning of an answer that holds a secret.
        for start in ["{\"data\":{\"id\":\"i\",\"token\":\"", "{\"token_type\":\"bearer\",\"access_token\":\""] {
            logins(Answer(status: 200, headers: [:], body: Array((start + secret).utf8) + bytes))
        }
    }

    private static func location(_ text: String) {
        guard let location = Location(text) else { return }
        demand(location.path.hasPrefix("/"), "a location has no path: \(location)")
        demand(
            location.origin.isEmpty || location.origin.contains("://"), "a location has half an origin: \(location)")
        demand(
            Location(location.origin + location.target) == location
                // Two slashes after an origin are a path, and alone the beginning of a host.
                || location.origin.isEmpty && location.path.hasPrefix("//"),
            "a location reads as another one: \(location)")
        if location.isOnController { stays(controller.text + location.target, on: controller.host) }
    }

    /// Whatever a request is sent to, it goes to the host that it was meant for.
    private static func stays(_ url: String, on host: String) {
        demand(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a request line breaks: \(url.debugDescription)")
        // One that is no URL is sent nowhere.
        guard let parsed = URL(string: url) else { return }
        let bare = host.drop { $0 == "[" }.prefix { $0 != "]" }
        demand(
            parsed.scheme == "https" && parsed.host(percentEncoded: true)?.lowercased() == bare.lowercased(),
            "a request goes elsewhere: \(url)")
    }

    private static func form(_ text: String) {
        let other = String(text.reversed())
        let encoded = FormText.encode([("first", text), ("second", other)])
        demand(
            FormText.value(of: "first", in: encoded[...]) == text
                && FormText.value(of: "second", in: encoded[...]) == other, "a form reads as another one: \(encoded)")
        demand(FormText.value(of: "third", in: encoded[...]) == nil, "a form has a value that nobody put there")
        _ = FormText.value(of: "code", in: text[...])
    }

    private static func redirects(_ text: String, _ bytes: [UInt8]) {
        for status in [200, 302, 400] {
            let answer = Answer(status: status, headers: ["Location": text], body: bytes)
            refusing("beginning an authorization") { () throws(EnrollmentError) in
                let id = try OIDCLogin.requestID(answer)
                let query = FormText.encode([("id", id)])
                demand(status == 302, "an authorization begins with the status \(status)")
                stays("\(controller.text)/oidc/login/cert?\(query)", on: controller.host)
            }
            refusing("following a redirect") { () throws(EnrollmentError) in
                switch try OIDCLogin.step(answer, state: "STATE") {
                case .code(let code):
                    demand(text.contains("state=") && !code.isEmpty, "a code is for another authorization: \(text)")
                case .redirect(let target): stays(controller.text + target, on: controller.host)
                }
            }
            refusing("following a redirect to nobody") { () throws(EnrollmentError) in
                if case .code = try OIDCLogin.step(answer, state: "a state that \(text) is not") {
                    fatalError("a code is taken without its state: \(text)")
                }
            }
        }
    }

    private static func version(_ answer: Answer) {
        refusing("reading a version") { () throws(EnrollmentError) in
            let version = try ControllerVersion(answer.asControllerAnswer)
            demand(
                version.providerPath.isEmpty || version.providerPath.hasPrefix("/"),
                "a provider's path is none: \(version)")
            stays("\(controller.text)\(version.providerPath)/.well-known/openid-configuration", on: controller.host)
        }
    }

    private static func endpoints(_ answer: Answer) {
        refusing("reading the OIDC endpoints") { () throws(EnrollmentError) in
            let endpoints = try OIDCEndpoints(answer, provider: "/oidc")
            for path in [endpoints.authorization, endpoints.token] {
                demand(path.hasPrefix("/"), "an endpoint is no path: \(path)")
                stays(controller.text + path, on: controller.host)
            }
        }
    }

    private static func logins(_ answer: Answer) {
        refusing("logging in") { () throws(EnrollmentError) in
            check(try LegacyLogin.login(answer.asControllerAnswer, at: controller))
        }
        refusing("logging in by OIDC") { () throws(EnrollmentError) in
            check(
                try OIDCLogin.login(
                    answer, at: controller, endpoints: OIDCEndpoints(), previousRefreshToken: "previous"))
        }
        refusing("reading an API session") { () throws(EnrollmentError) in
            let session = try APISessionAnswer(answer.asControllerAnswer, of: "authenticate")
            demand(session.token.map(APILogin.isHeaderValue) ?? true, "a session token breaks a header")
            for text in [session.id, session.identityID, session.expiresAt, session.authenticatorID] {
                show(text ?? "")
            }
        }
    }

    private static func check(_ login: APILogin) {
        demand(
            login.header.value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !login.header.value.isEmpty,
            "a login breaks a header")
        demand(login.lifeSeconds.map { (0...86_400).contains($0) } ?? true, "a login lasts for ever")
        demand((login.kind == .oidc) == (login.refresh != nil), "what renews a login is another's")
        let token = login.kind == .oidc ? String(login.header.value.dropFirst("Bearer ".count)) : login.header.value
        if token.utf8.count >= 24 {
            var dumped = ""
            dump(login, to: &dumped)
            demand(!"\(login)\(dumped)".contains(token), "a session token is shown")
        }
    }

    private static func refusing(_ what: String, _ body: () throws(EnrollmentError) -> Void) {
        do throws(EnrollmentError) { try body() } catch {
            demand([.answerInvalid, .refusedByController].contains(error.code), "\(what) fails with \(error)")
            show(error.message)
            for text in [error.refusal?.code, error.refusal?.message, error.refusal?.requestID] { show(text ?? "") }
            // The envelope of a refusal is for people to read; what is no refusal repeats nothing.
            if error.code == .answerInvalid {
                demand(!"\(error) \(String(reflecting: error))".contains(secret), "\(what) shows a token: \(error)")
            }
        }
    }

    /// What a person sees is bounded, and commands no terminal.
    private static func show(_ text: String) {
        demand(text.unicodeScalars.count <= PlainText.maximumLength + 100, "a text is endless")
        demand(
            !text.unicodeScalars.contains { $0.properties.generalCategory == .control },
            "a text commands a terminal: \(text.debugDescription)")
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
