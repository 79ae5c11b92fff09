/// What an operator decides about a renewal.
public struct RenewalOptions: Sendable {
    /// Renew only a certificate that expires within so many seconds, or that the controller wants renewed; nil to renew in
    /// any case.
    public var ifDueWithinSeconds: Double?
    /// The time limit for each exchange with the controller, in seconds.
    public var timeoutSeconds: Int
    /// What the controller is told of this program.
    public var client: ClientInfo
    /// Through which proxies controllers are reached.
    public var proxy: ProxySettings

    /// The usual options.
    public init(
        ifDueWithinSeconds: Double? = nil, timeoutSeconds: Int = 30, client: ClientInfo = ClientInfo(),
        proxy: ProxySettings = ProxySettings()
    ) {
        self.ifDueWithinSeconds = ifDueWithinSeconds
        self.timeoutSeconds = timeoutSeconds
        self.client = client
        self.proxy = proxy
    }
}
