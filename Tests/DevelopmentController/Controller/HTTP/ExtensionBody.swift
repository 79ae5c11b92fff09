internal import FoundationEssentials

/// The JSON of the two steps of an extension; each uses one member.
struct ExtensionBody: Decodable {
    var clientCertCsr: String?
    var clientCert: String?

    /// Reads the body; an empty one has no members. Throws `bodyNotJSON`.
    init(_ request: Request) throws(Refusal) {
        guard !request.body.isEmpty else { return }
        do {
            self = try JSONDecoder().decode(ExtensionBody.self, from: Data(request.body))
        } catch {
            throw .bodyNotJSON("the body is not a JSON object with text members")
        }
    }
}
