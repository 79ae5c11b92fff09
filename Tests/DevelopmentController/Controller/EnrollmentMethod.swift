/// How an identity made by an administrator enrolls.
public enum EnrollmentMethod: Sendable, Equatable {
    /// With a one-time token, for a certificate of the controller's own.
    case ott
    /// With a one-time token and a certificate that a third-party CA, given by its id, has issued.
    case ottca(authority: String)
    /// With a one-time token, for a password to this user name.
    case updb(username: String)
    /// As an edge router: no client of ours should want to, and the controller lets none do it.
    case erott

    /// The JWT's `em`.
    public var name: String {
        switch self {
        case .ott: "ott"
        case .ottca: "ottca"
        case .updb: "updb"
        case .erott: "erott"
        }
    }
}
