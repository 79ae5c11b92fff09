internal import FoundationEssentials

/// The `data` of `/authenticate` and `/current-api-session`, members in the real controller's order.
struct SessionBody {
    private let session: APISession
    private let token: String
    private let isExtendable: Bool
    private let request: ExtensionRequest?

    /// The token is the secret one that the client got; the request is what an administrator wants of the identity.
    init(_ session: APISession, token: String, isExtendable: Bool, request: ExtensionRequest?) {
        self.session = session
        self.token = token
        self.isExtendable = isExtendable
        self.request = request
    }

    var data: JSON {
        let created = JSON.string(CalendarTime(session.createdAt).milliseconds)
        let expiry = session.createdAt.addingTimeInterval(Double(State.sessionSeconds))
        var members: [JSON.Member] = [
            .init(
                "_links",
                [
                    "self": ["href": .string("./api-sessions/\(session.id)")],
                    "sessions": ["href": .string("./api-sessions/\(session.id)/sessions")],
                ]),
            .init("createdAt", created), .init("id", .string(session.id)), .init("tags", [:]),
            .init("updatedAt", created), .init("authQueries", []),
            .init("authenticatorId", .string(session.authenticatorID)),
            .init("cachedLastActivityAt", .string(CalendarTime(session.lastActivityAt).milliseconds)),
            .init("configTypes", []),
            .init("identity", IdentityReference(id: session.identityID, name: session.identityName).data),
            .init("identityId", .string(session.identityID)),
        ]
        if session.improperClientCertChain { members.append(.init("improperClientCertChain", true)) }
        members.append(.init("ipAddress", .string(session.ipAddress)))
        if request != nil { members.append(.init("isCertExtendRequested", true)) }
        members.append(.init("isCertExtendable", .boolean(isExtendable)))
        if request?.rollsKey == true { members.append(.init("isCertKeyRollRequested", true)) }
        members += [
            .init("isMfaComplete", false), .init("isMfaRequired", false), .init("lastActivityAt", created),
            .init("token", .string(token)), .init("expirationSeconds", .number(State.sessionSeconds)),
            .init("expiresAt", .string(CalendarTime(expiry).milliseconds)),
        ]
        return .object(members)
    }
}
