/// Through which HTTP proxies controllers are reached.
///
/// As usual, `https_proxy` names the proxy, `all_proxy` the one for whatever has no other, and `no_proxy` the hosts that are
/// reached without: names, which stand for their subdomains too, addresses, networks (`10.0.0.0/8`), each with or without a
/// port, or `*`. Lower-case names go before upper-case ones.
public struct ProxySettings: Sendable {
    private let variable: String
    private let text: String?
    private let exceptions: [Substring]

    /// No proxy.
    public init() { self.init(environment: [:]) }

    /// What the environment says.
    public init(environment: [String: String]) {
        let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        variable = names.first { environment[$0]?.isEmpty == false } ?? ""
        text = environment[variable]
        let none = ["no_proxy", "NO_PROXY"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        exceptions = none.split { $0 == "," || $0.isWhitespace }
    }

    /// The proxy for a controller; nil for none. Throws `inputInvalid` for one that cannot be used, without repeating what
    /// the variable holds, and for a controller that is named by its address: the TLS library compares the certificate with
    /// the address that it is connected to, which is the proxy's.
    func proxy(for address: ControllerAddress) throws(EnrollmentError) -> HTTPProxy? {
        guard let text, !exceptions.contains(where: { Self.matches($0, address) }) else { return nil }
        guard let proxy = HTTPProxy(text) else {
            throw EnrollmentError(
                .inputInvalid, "the proxy that \(variable) names cannot be used: it must be http://HOST:PORT",
                hint:
                    "Proxies that speak SOCKS or TLS are not supported. Set another, or name the controller in NO_PROXY."
            )
        }
        guard !address.isIPAddress else {
            throw EnrollmentError(
                .inputInvalid,
                "\(address) is named by its IP address, and cannot be verified through the proxy \(proxy)",
                hint: "Name \(address.host) in NO_PROXY to reach it without the proxy; a host name works through one.")
        }
        return proxy
    }

    private static func matches(_ exception: Substring, _ address: ControllerAddress) -> Bool {
        if exception == "*" { return true }
        if exception.contains("/") { return IPAddress.network(String(exception), contains: address.host) }
        var name = exception.lowercased()
        let host = address.host.lowercased()
        if name == host { return true }
        if !IPAddress.isVersion6(name), let colon = name.lastIndex(of: ":") {
            guard Int(name[name.index(after: colon)...]) == address.port else { return false }
            name = String(name[..<colon])
        }
        if name.hasPrefix("[") { name = String(name.dropFirst().prefix { $0 != "]" }) }
        if name.hasPrefix("*.") { name = String(name.dropFirst()) }
        if name.hasPrefix(".") { return host.hasSuffix(name) || host == name.dropFirst() }
        return host == name || !address.isIPAddress && host.hasSuffix("." + name)
    }
}
