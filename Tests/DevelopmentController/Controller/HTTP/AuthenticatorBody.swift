internal import FoundationEssentials

/// An authenticator in `/current-identity/authenticators`, members in the real controller's order.
struct AuthenticatorBody {
    let identity: Identity

    /// That of a certificate.
    func data(_ authenticator: Authenticator, _ request: ExtensionRequest?) -> JSON {
        var members = head(authenticator.id, authenticator.createdAt, authenticator.lastUsedAt)
        members.append(.init("certPem", .string(authenticator.certificatePEM)))
        if let request, authenticator.isIssuedByNetwork {
            members.append(.init("extendRequestedAt", .string(CalendarTime(request.requestedAt).milliseconds)))
        }
        members.append(.init("fingerprint", .string(authenticator.fingerprint)))
        members += owner
        if authenticator.isIssuedByNetwork {
            if request != nil { members.append(.init("isExtendRequested", true)) }
            members.append(.init("isIssuedByNetwork", true))
            if request?.rollsKey == true { members.append(.init("isKeyRollRequested", true)) }
        }
        // Third-party certificates never lead to the network's root.
        if authenticator.isIssuedByNetwork, authenticator.lastUseWasProper {
            members.append(.init("lastAuthResolvedToRoot", true))
        }
        members.append(.init("method", "cert"))
        return .object(members)
    }

    /// That of a user name and password.
    func data(_ authenticator: PasswordAuthenticator) -> JSON {
        .object(
            head(authenticator.id, authenticator.createdAt, nil) + owner + [
                .init("method", "updb"), .init("username", .string(authenticator.username)),
            ])
    }

    private func head(_ id: String, _ createdAt: Date, _ updatedAt: Date?) -> [JSON.Member] {
        [
            .init("_links", ["self": ["href": .string("./current-identity/authenticators/\(id)")]]),
            .init("createdAt", .string(CalendarTime(createdAt).milliseconds)), .init("id", .string(id)),
            .init("tags", [:]), .init("updatedAt", .string(CalendarTime(updatedAt ?? createdAt).milliseconds)),
        ]
    }

    private var owner: [JSON.Member] {
        [
            .init("identity", IdentityReference(id: identity.id, name: identity.name).data),
            .init("identityId", .string(identity.id)),
        ]
    }
}
