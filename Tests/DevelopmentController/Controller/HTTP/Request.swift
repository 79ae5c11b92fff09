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
        FormValues(rawQuery)[name]
    }

    /// The query with what follows `token=` masked, fit for a log.
    var maskedQuery: String {
        rawQuery.split(separator: "&", omittingEmptySubsequences: false)
            .map { pair in
                let name = FormValues.decoded(pair.prefix { $0 != "=" })
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

    /// The access token in the header `Authorization`.
    var bearer: String? {
        guard let value = headers["authorization"], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst(7))
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}
