/// What a real controller says when it cannot take a request now. No recording judges these answers.
public enum Overload: String, Sendable, CaseIterable {
    /// 429 `RATE_LIMITED`: too many of this kind of request.
    case rateLimited
    /// 429 `SERVER_TOO_MANY_REQUESTS`: too many requests of any kind.
    case tooManyRequests
    /// 503 `TIMEOUT`: the request took longer than the controller gives it.
    case timeout
    /// 503 `CLUSTER_NO_LEADER`: a cluster that cannot decide anything.
    case noLeader

    var refusal: Refusal {
        switch self {
        case .rateLimited: .rateLimited
        case .tooManyRequests: .tooManyRequests
        case .timeout: .timeout
        case .noLeader: .noLeader
        }
    }
}
