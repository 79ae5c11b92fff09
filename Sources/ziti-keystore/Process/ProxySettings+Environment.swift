import Glibc
import ZitiEnrollment

extension ProxySettings {
    /// What the environment of this process says.
    static var inherited: ProxySettings {
        var environment: [String: String] = [:]
        for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return ProxySettings(environment: environment)
    }
}
