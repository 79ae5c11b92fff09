/// Where a controller listens: what the `iss` claim of an enrollment JWT names.
public struct ControllerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host name, or the IP address without brackets.
    public let host: String
    /// The port.
    public let port: Int
    /// Whether the host is an IP address, which TLS compares with other names and does not announce.
    public let isIPAddress: Bool
    /// The address as `https://HOST` or `https://HOST:PORT`, as it was written, without a slash at its end.
    public let text: String

    /// The same as `text`.
    public var description: String { text }

    /// The base of the client API.
    public var clientAPI: String { text + Self.clientAPIPath }

    /// The longest host name, in bytes: that of the DNS (RFC 1035 §2.3.4, without the dot at its end).
    private static let maximumHostLength = 253
    /// The path of the client API on every controller.
    package static let clientAPIPath = "/edge/client/v1"

    /// Reads an address. Nil unless it is `https`, with a host, without user-info, query and fragment. A slash at the end is
    /// dropped; another path is refused, unless it is the client API's and `allowsClientAPI` is set.
    package init?(_ text: String, allowsClientAPI: Bool = false) {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            text.lowercased().hasPrefix("https://")
        else { return nil }
        var base = text[...]
        if base.hasSuffix("/") { base = base.dropLast() }
        if allowsClientAPI, base.hasSuffix(Self.clientAPIPath) { base = base.dropLast(Self.clientAPIPath.utf8.count) }
        let authority = base.dropFirst("https://".utf8.count)
        guard !authority.contains(where: { "/?#@\\".contains($0) }) else { return nil }

        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
            guard IPAddress.isVersion6(String(host)) else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
            guard host.utf8.allSatisfy(Self.isHostCharacter) else { return nil }
        }
        guard (1...Self.maximumHostLength).contains(host.utf8.count) else { return nil }

        switch rest.first {
        case nil: port = 443
        case ":":
            let digits = rest.dropFirst()
            guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits), (1...65535).contains(number)
            else { return nil }
            port = number
        default: return nil
        }
        self.host = String(host)
        isIPAddress = IPAddress.isVersion4(self.host) || IPAddress.isVersion6(self.host)
        self.text = String(base)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
