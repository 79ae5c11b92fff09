internal import FoundationEssentials

/// The list of the network's controllers. No recording judges it.
extension ClientAPI {
    func controllers(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { _ throws(Refusal) in
            let all = try controllerList()
            return .data(.array(all), meta: pageMeta(request, filterableFields: [], count: all.count))
        }
    }

    /// The controllers as `/controllers` and, from 2.1 on, enrollments tell of them: client API and OIDC addresses only.
    func controllerList() throws(Refusal) -> [JSON] {
        let members = try stored { try cluster.members() }
        return members.enumerated().map { index, member in
            let name = "ctrl\(index + 1)"
            let time = JSON.string(CalendarTime(startedAt).milliseconds)
            var addresses: [JSON.Member] = [
                .init("edge-client", [["url": .string(member.url + "/edge/client/v1"), "version": "v1"]])
            ]
            if isOIDCEnabled {
                addresses.append(.init("edge-oidc", [["url": .string(member.url + "/oidc"), "version": "v1"]]))
            }
            return [
                "_links": [:], "createdAt": time, "id": .string(name), "tags": [:], "updatedAt": time,
                "apiAddresses": .object(addresses),
                "certPem": .string(member.certificate.map { PEM.block("CERTIFICATE", $0) } ?? ""),
                "ctrlAddress": nil,
                "fingerprint": .string(member.fingerprint ?? ""),
                "isOnline": true, "lastJoinedAt": time, "name": .string(name),
            ]
        }
    }
}
