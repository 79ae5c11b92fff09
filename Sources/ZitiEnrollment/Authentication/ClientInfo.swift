import class FoundationEssentials.JSONEncoder
import Glibc

/// What a client tells a controller of itself.
public struct ClientInfo: Hashable, Sendable {
    /// The program's name.
    public var type: String
    /// The program's version.
    public var version: String

    /// Makes a description; each text is cut to 255 characters, which is what controllers accept.
    public init(type: String = "ziti-keystore", version: String = "0.1.0") {
        self.type = String(type.prefix(255))
        self.version = String(version.prefix(255))
    }

    /// The body of an authentication request.
    package func requestBody() throws(EnrollmentError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(request))
        } catch {
            throw EnrollmentError(.defect, "the authentication request cannot be encoded")
        }
    }

    private var request: Request {
        var system = utsname()
        let known = uname(&system) == 0
        func text<Field>(_ field: Field) -> String? {
            guard known else { return nil }
            return withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }.prefix(255), as: UTF8.self) }
        }
        return Request(
            sdkInfo: .init(type: type, version: version),
            envInfo: .init(
                os: text(system.sysname), osRelease: text(system.release), osVersion: text(system.version),
                arch: text(system.machine), hostname: text(system.nodename)))
    }

    /// The request as JSON has it.
    private struct Request: Encodable {
        struct SDKInfo: Encodable {
            let type: String
            let version: String
        }
        struct EnvironmentInfo: Encodable {
            let os: String?
            let osRelease: String?
            let osVersion: String?
            let arch: String?
            let hostname: String?
        }
        let sdkInfo: SDKInfo
        let envInfo: EnvironmentInfo
        let configTypes: [String] = []
    }
}
