/// An answer of the controller before the headers that every answer has (`Server`, `Ziti-Instance-Id`, `Date`).
struct Answer: Sendable {
    var status: Int
    /// Headers of this answer; they are sorted in with the common ones, as Go sends them.
    var headers: [(name: String, value: String)]
    var body: String
    /// Whether `Content-Length` is one of the sorted headers, or comes last because Go's server added it.
    var lengthIsSorted: Bool
    /// Whether the length is left to Go's server, which sends a body of more than two KiB in chunks.
    var lengthIsLeftToServer = false
    /// Whether an OpenID Connect endpoint answers, whose answers lack the client API's headers.
    var isOpenID = false

    /// 200 with a JSON body in the envelope `{"data":…,"meta":…}`.
    static func data(_ data: JSON, meta: JSON = [:], headers: [(name: String, value: String)] = []) -> Answer {
        let envelope: JSON = ["data": data, "meta": meta]
        return Answer(
            status: 200, headers: headers + [("Content-Type", "application/json")], body: envelope.text + "\n",
            lengthIsSorted: true)
    }

    /// An error envelope.
    static func refusal(_ refusal: Refusal) -> Answer {
        var members: [JSON.Member] = []
        if let cause = refusal.cause { members.append(.init("cause", cause)) }
        members.append(.init("code", .string(refusal.kind.code)))
        members.append(.init("message", .string(refusal.kind.message)))
        members.append(.init("requestId", .string(Identifier.entity())))
        let envelope: JSON = [
            "error": .object(members), "meta": ["apiEnrollmentVersion": "0.0.1", "apiVersion": "0.0.1"],
        ]
        return Answer(
            status: refusal.kind.status, headers: [("Content-Type", "application/json")], body: envelope.text + "\n",
            lengthIsSorted: false)
    }

    /// The reason phrase of the status line, as Go writes it.
    static func reasonPhrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 302: "Found"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Request Entity Too Large"
        case 415: "Unsupported Media Type"
        case 431: "Request Header Fields Too Large"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        default: "status code \(status)"
        }
    }

    /// All headers in the order in which they are sent.
    ///
    /// An answer that will be cut short states its length, so that the cut shows.
    func allHeaders(version: String, instanceID: String, date: String, isWhole: Bool = true)
        -> [(name: String, value: String)]
    {
        let length =
            isWhole && (isOpenID || lengthIsLeftToServer) && body.utf8.count > 2048
            ? ("Transfer-Encoding", "chunked") : ("Content-Length", String(body.utf8.count))
        var sorted: [(name: String, value: String)] = headers
        if isOpenID {
            sorted.append(("Vary", "Origin"))
        } else {
            sorted.append(("Server", "ziti-controller/\(version)"))
            sorted.append(("Ziti-Instance-Id", instanceID))
        }
        if lengthIsSorted { sorted.append(length) }
        sorted.sort { $0.name < $1.name }
        sorted.append(("Date", date))
        if !lengthIsSorted { sorted.append(length) }
        return sorted
    }
}
