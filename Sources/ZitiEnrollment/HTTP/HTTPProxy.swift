import AsyncHTTPClient
import struct FoundationEssentials.Data
import KeyStoreCore

/// An HTTP proxy that is asked to connect to a controller (CONNECT, RFC 9110 §9.3.6). TLS is with the controller, through it.
/// May hold a password, which no description of this type shows.
struct HTTPProxy: Hashable, Sendable {
    let host: String
    let port: Int
    /// `user:password` in base64; nil without.
    let credentials: String?

    /// Reads what environment variables hold: `http://HOST:PORT`, with or without `USER:PASSWORD@`, or without the scheme.
    /// Nil for anything else, such as a proxy that speaks SOCKS or TLS.
    init?(_ text: String) {
        var rest = text[...]
        if let separator = text.utf8.firstRange(of: "://".utf8) {
            guard text[..<separator.lowerBound].lowercased() == "http" else { return nil }
            rest = text[separator.upperBound...]
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        var credentials: String?
        if let at = rest.lastIndex(of: "@") {
            guard let decoded = try? PercentEncoding.decode(rest[..<at]) else { return nil }
            credentials = Data(decoded.contains(UInt8(ascii: ":")) ? decoded : decoded + [UInt8(ascii: ":")])
                .base64EncodedString()
            rest = rest[rest.index(after: at)...]
        }
        // A proxy is named as a controller is, but for its usual port.
        guard let address = ControllerAddress("https://\(rest)") else { return nil }
        let hasPort = rest.hasSuffix(":\(address.port)")
        host = address.host
        port = hasPort ? address.port : 80
        self.credentials = credentials
    }

    /// The same for the HTTP client.
    var configuration: HTTPClient.Configuration.Proxy {
        .server(host: host, port: port, authorization: credentials.map { .basic(credentials: $0) })
    }

    /// What to throw when the proxy itself cannot be reached.
    func unreachable(_ error: any Error) -> EnrollmentError {
        EnrollmentError(
            .controllerUnreachable, "no connection to the proxy \(self): \(TransportFailure.reason(error))",
            hint: "Check HTTPS_PROXY, or name the controller in NO_PROXY.", underlying: error)
    }

    /// What to throw when the proxy does not connect to the controller.
    static func refused(_ reason: String, _ error: any Error) -> EnrollmentError {
        EnrollmentError(
            .controllerUnreachable, "the proxy does not connect to the controller: \(reason)",
            hint: "Check HTTPS_PROXY, or name the controller in NO_PROXY.", underlying: error)
    }
}

extension HTTPProxy: CustomStringConvertible, CustomReflectable {
    /// Where it listens.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    /// Nothing: `dump` does not show the password either.
    var customMirror: Mirror { Mirror(self, children: []) }
}
