/// The TLS versions the controller accepts.
public enum TLSVersions: String, Sendable, CaseIterable {
    /// TLS 1.2 only.
    case tls12 = "1.2"
    /// TLS 1.3 only.
    case tls13 = "1.3"
    /// TLS 1.2 and 1.3, as the real controller.
    case both
}
