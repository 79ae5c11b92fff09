internal import FoundationEssentials

/// The `data` of `/current-identity`, members in the real controller's order.
struct IdentityBody {
    private let identity: Identity
    private let authenticator: Authenticator?
    private let passwordAuthenticator: PasswordAuthenticator?
    private let version: ControllerVersion

    init(
        _ identity: Identity, _ authenticator: Authenticator?, _ passwordAuthenticator: PasswordAuthenticator?,
        _ version: ControllerVersion
    ) {
        self.identity = identity
        self.authenticator = authenticator
        self.passwordAuthenticator = passwordAuthenticator
        self.version = version
    }

    var data: JSON {
        var authenticators: [JSON.Member] = []
        if let authenticator {
            authenticators.append(
                .init(
                    "cert", ["fingerprint": .string(authenticator.fingerprint), "id": .string(authenticator.id)]))
        }
        if let passwordAuthenticator {
            authenticators.append(
                .init(
                    "updb",
                    [
                        "id": .string(passwordAuthenticator.id), "username": .string(passwordAuthenticator.username),
                    ]))
        }
        return [
            "_links": ["mfa": ["href": "./current-identity/mfa"], "self": ["href": "./current-identity"]],
            "createdAt": .string(CalendarTime(identity.createdAt).milliseconds), "id": .string(identity.id),
            "tags": [:], "updatedAt": .string(CalendarTime(identity.updatedAt).milliseconds), "appData": [:],
            "authPolicy": [
                "_links": ["self": ["href": "./auth-policies/default"]], "entity": "auth-policies", "id": "default",
                "name": "Default",
            ],
            "authPolicyId": "default", "authenticators": .object(authenticators), "defaultHostingCost": 0,
            "defaultHostingPrecedence": "default", "disabled": false, "edgeRouterConnectionStatus": "offline",
            "enrollment": [:], "envInfo": JSON.map(identity.environment),
            "externalId": identity.externalID.map { .string($0) } ?? nil, "hasApiSession": true,
            "hasEdgeRouterConnection": false, "interfaces": nil, "isAdmin": false, "isDefaultAdmin": false,
            "isMfaEnabled": false, "name": .string(identity.name), "permissions": nil,
            "roleAttributes": version.isSecondGeneration ? [] : nil,
            "sdkInfo": JSON.map(identity.sdk), "serviceHostingCosts": [:], "serviceHostingPrecedences": [:],
            "type": [
                "_links": ["self": ["href": "./identity-types/Default"]], "entity": "identity-types", "id": "Default",
                "name": "Default",
            ],
            "typeId": "Default",
        ]
    }
}
