/// A request as the routes see it.
struct Request: Sendable {
    var method: String
    /// The path after rewriting (see `Route.rewritten`), without the query.
    var path: String
    /// The query as received.
    var rawQuery: String
    /// Names in lower case; where a name came twice, the first.
    var headers: [String: String]
    var body: [UInt8]
    var clientCertificate: ClientCertificate
    /// The client's address, without the port.
    var remoteAddress: String

    /// The first value of a query parameter, percent-decoded; nil where it is absent.
    func query(_ name: String) -> String? {
        for pair in rawQuery.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if Request.percentDecoded(parts[0]) == name {
                return parts.count == 2 ? Request.percentDecoded(parts[1]) : ""
            }
        }
        return nil
    }

    /// The query with what follows `token=` masked, fit for a log.
    var maskedQuery: String {
        rawQuery.split(separator: "&", omittingEmptySubsequences: false)
            .map { pair in
                let name = Request.percentDecoded(pair.prefix { $0 != "=" })
                return name.lowercased() == "token" ? "token=***" : String(pair)
            }
            .joined(separator: "&")
    }

    /// The media type of the body without its parameters; nil where the header is absent.
    var mediaType: String? {
        headers["content-type"].map { value in
            let type = value.prefix { $0 != ";" }
            return String(type.filter { $0 != " " && $0 != "\t" }).lowercased()
        }
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    private static func percentDecoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var source = Array(text.utf8)[...]
        while let byte = source.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), source.count >= 2,
                let value = UInt8(String(decoding: source.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                source = source.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
