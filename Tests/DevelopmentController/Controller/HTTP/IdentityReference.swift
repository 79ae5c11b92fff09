/// How answers refer to an identity: its id, its name and where it would be found.
struct IdentityReference {
    let id: String
    let name: String

    var data: JSON {
        let relations = [
            "authenticators", "edge-router-policies", "edge-routers", "enrollments", "failed-service-requests",
            "posture-data", "service-configs", "service-policies", "services",
        ]
        var links = [(name: "auth-policies", href: "./auth-policies/default")]
        for relation in relations { links.append((relation, "./identities/\(id)/\(relation)")) }
        links.append(("self", "./identities/\(id)"))
        links.sort { $0.name < $1.name }
        return [
            "_links": .object(links.map { JSON.Member($0.name, ["href": .string($0.href)]) }),
            "entity": "identities", "id": .string(id), "name": .string(name),
        ]
    }
}
