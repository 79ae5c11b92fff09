internal import FoundationEssentials

/// The `data` of `/authenticate` and `/current-api-session`, members in the real controller's order.
struct SessionBody {
    private let session: APISession
    private let token: String

    /// The token is the secret one that the client got.
    init(_ session: APISession, token: String) {
        self.session = session
        self.token = token
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
            .init("configTypes", []), .init("identity", identity), .init("identityId", .string(session.identityID)),
        ]
        if session.improperClientCertChain { members.append(.init("improperClientCertChain", true)) }
        members += [
            .init("ipAddress", .string(session.ipAddress)), .init("isCertExtendable", true),
            .init("isMfaComplete", false), .init("isMfaRequired", false), .init("lastActivityAt", created),
            .init("token", .string(token)), .init("expirationSeconds", .number(State.sessionSeconds)),
            .init("expiresAt", .string(CalendarTime(expiry).milliseconds)),
        ]
        return .object(members)
    }

    private var identity: JSON {
        let relations = [
            "authenticators", "edge-router-policies", "edge-routers", "enrollments", "failed-service-requests",
            "posture-data", "service-configs", "service-policies", "services",
        ]
        var links = [(name: "auth-policies", href: "./auth-policies/default")]
        for relation in relations { links.append((relation, "./identities/\(session.identityID)/\(relation)")) }
        links.append(("self", "./identities/\(session.identityID)"))
        links.sort { $0.name < $1.name }
        return [
            "_links": .object(links.map { JSON.Member($0.name, ["href": .string($0.href)]) }),
            "entity": "identities", "id": .string(session.identityID), "name": .string(session.identityName),
        ]
    }
}
