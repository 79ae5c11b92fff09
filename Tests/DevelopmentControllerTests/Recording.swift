import Foundation

/// One recorded request of a real controller, and its answer.
struct Recording: Decodable {
    struct Message: Decodable {
        var line: String?
        var statusLine: String?
        var headers: [[String]]
        var body: String

        enum CodingKeys: String, CodingKey {
            case line, headers, body
            case statusLine = "status_line"
        }
    }

    var request: Message
    var response: Message

    /// Reads `Recordings/NAME.json`.
    init(_ name: String) throws {
        self = try JSONDecoder().decode(Recording.self, from: Recording.data(name))
    }

    /// The status the recorded answer has.
    var status: Int { Int(response.statusLine!.split(separator: " ")[1])! }

    /// The `error.code` of the recorded answer.
    var errorCode: String? {
        let body = try? JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
        return (body?["error"] as? [String: Any])?["code"] as? String
    }

    /// The user name in the recorded answer, or else in the request.
    var username: String? {
        for text in [response.body, request.body] {
            if let range = text.range(of: #"(?<="username": ?")[a-z0-9]+"#, options: .regularExpression) {
                return String(text[range])
            }
        }
        return nil
    }

    /// The id of the identity that the recorded answer is about.
    var identityID: String? {
        let body = try? JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
        let data = body?["data"] as? [String: Any]
        return data?["identityId"] as? String ?? data?["id"] as? String
    }

    static func data(_ name: String) throws -> Data {
        try Data(contentsOf: Package.root.appending(path: "Tests/DevelopmentController/Recordings/\(name).json"))
    }

    /// A recording that is no request, as plain JSON.
    static func object(_ name: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: data(name)) as! [String: Any]
    }
}
