internal import FoundationEssentials

/// What a client says of itself when it authenticates; every part is optional.
struct AuthenticationBody: Decodable {
    var envInfo: [String: String]?
    var sdkInfo: [String: String]?
    /// With method `password`.
    var username: String?
    /// With method `password`. A secret.
    var password: String?
    /// The authorization that a login belongs to, where the query does not say.
    var id: String?

    private static let environmentNames = ["arch", "domain", "hostname", "os", "osRelease", "osVersion"]
    private static let sdkNames = ["appId", "appVersion", "branch", "revision", "type", "version"]

    /// What a form says.
    init(username: String?, password: String?, id: String?) {
        self.username = username
        self.password = password
        self.id = id
    }

    /// Reads the body; an empty one says nothing. Unknown members are dropped, each text is at most 255 characters.
    init(_ request: Request) throws(Refusal) {
        guard !request.body.isEmpty else { return }
        do {
            self = try JSONDecoder().decode(AuthenticationBody.self, from: Data(request.body))
        } catch {
            throw .bodyNotJSON("the body is not the JSON object of an authentication")
        }
        envInfo = try AuthenticationBody.checked(envInfo, "envInfo", AuthenticationBody.environmentNames)
        sdkInfo = try AuthenticationBody.checked(sdkInfo, "sdkInfo", AuthenticationBody.sdkNames)
    }

    private static func checked(_ values: [String: String]?, _ member: String, _ names: [String]) throws(Refusal)
        -> [String: String]?
    {
        guard let values else { return nil }
        for name in names {
            if let value = values[name], value.count > 255 {
                throw .fieldTooLong("\(member).\(name)", maximum: 255, value: value)
            }
        }
        return values.filter { names.contains($0.key) }
    }
}
