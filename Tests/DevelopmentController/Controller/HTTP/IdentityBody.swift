internal import FoundationEssentials

/// The `data` of `/current-identity`, members in the real controller's order.
struct IdentityBody {
    private let identity: Identity
    private let authenticator: Authenticator?

    init(_ identity: Identity, _ authenticator: Authenticator?) {
        self.identity = identity
        self.authenticator = authenticator
    }

    var data: JSON {
        var authenticators: JSON = [:]
        if let authenticator {
            authenticators = [
                "cert": ["fingerprint": .string(authenticator.fingerprint), "id": .string(authenticator.id)]
            ]
        }
        return [
            "_links": ["mfa": ["href": "./current-identity/mfa"], "self": ["href": "./current-identity"]],
            "createdAt": .string(CalendarTime(identity.createdAt).milliseconds), "id": .string(identity.id),
            "tags": [:], "updatedAt": .string(CalendarTime(identity.updatedAt).milliseconds), "appData": [:],
            "authPolicy": [
                "_links": ["self": ["href": "./auth-policies/default"]], "entity": "auth-policies", "id": "default",
                "name": "Default",
            ],
            "authPolicyId": "default", "authenticators": authenticators, "defaultHostingCost": 0,
            "defaultHostingPrecedence": "default", "disabled": false, "edgeRouterConnectionStatus": "offline",
            "enrollment": [:], "envInfo": JSON.map(identity.environment), "externalId": nil, "hasApiSession": true,
            "hasEdgeRouterConnection": false, "interfaces": nil, "isAdmin": false, "isDefaultAdmin": false,
            "isMfaEnabled": false, "name": .string(identity.name), "permissions": nil, "roleAttributes": nil,
            "sdkInfo": JSON.map(identity.sdk), "serviceHostingCosts": [:], "serviceHostingPrecedences": [:],
            "type": [
                "_links": ["self": ["href": "./identity-types/Default"]], "entity": "identity-types", "id": "Default",
                "name": "Default",
            ],
            "typeId": "Default",
        ]
    }
}
