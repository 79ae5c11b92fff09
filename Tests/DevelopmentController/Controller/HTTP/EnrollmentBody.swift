internal import FoundationEssentials

/// The JSON forms of an enrollment request; each form uses some of the members.
struct EnrollmentBody: Decodable {
    var token: String?
    var clientCsr: String?
    var username: String?
    var password: String?

    /// The body of a request that has a certificate signing request and nothing else.
    init(clientCsr: String) {
        self.clientCsr = clientCsr
    }

    /// Reads the body; an empty one has no members. Throws `bodyNotJSON`, or the refusal of the schema's validator.
    init(_ request: Request) throws(Refusal) {
        guard !request.body.isEmpty else { return }
        do {
            self = try JSONDecoder().decode(EnrollmentBody.self, from: Data(request.body))
        } catch {
            throw .bodyNotJSON("the body is not a JSON object with text members")
        }
        if let password, password.count < 5 { throw .fieldTooShort("password", minimum: 5, value: password) }
        if let username, username.count < 4 { throw .fieldTooShort("username", minimum: 4, value: username) }
    }
}
