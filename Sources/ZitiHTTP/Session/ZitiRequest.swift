/// A request to the client API of a controller.
public struct ZitiRequest: Hashable, Sendable {
    /// What is asked of the controller.
    public enum Method: String, Hashable, Sendable {
        /// Reads.
        case get = "GET"
        /// Reads the head alone.
        case head = "HEAD"
        /// Makes, or does.
        case post = "POST"
        /// Replaces.
        case put = "PUT"
        /// Changes in part.
        case patch = "PATCH"
        /// Removes.
        case delete = "DELETE"

        /// Whether doing it twice does no more than doing it once (RFC 9110 §9.2.2).
        var isIdempotent: Bool { self != .post && self != .patch }
    }

    /// What is asked.
    public var method: Method
    /// The path below `/edge/client/v1`, with its query: `/current-identity`. Goes to the session's controller only.
    public var path: String
    /// More headers. The session's own come on top.
    public var headers: [(name: String, value: String)] {
        get { fields.map { ($0.name, $0.value) } }
        set { fields = newValue.map { Field(name: $0.name, value: $0.value) } }
    }
    /// The body. Sent as JSON unless the headers name another content type.
    public var body: [UInt8]?

    private var fields: [Field]

    private struct Field: Hashable {
        let name: String
        let value: String
    }

    /// Makes a request.
    public init(
        _ method: Method = .get, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.body = body
        fields = headers.map { Field(name: $0.name, value: $0.value) }
    }

    /// Whether the path is one, and nothing that leads to another host or breaks the request line.
    var hasUsablePath: Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") && path.utf8.count <= 4096
            && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") }
    }
}
