import ZitiEnrollment

/// What a controller says of itself before anybody logs in.
struct ControllerVersion: Sendable {
    /// Whether it has an OIDC provider.
    let hasOIDC: Bool
    /// Where that is, as a path.
    let providerPath: String

    /// Asks a controller. Throws `answerInvalid` for what is no version.
    static func ask(
        _ controller: ControllerAddress, over exchange: ControllerExchange
    ) async throws(EnrollmentError) -> ControllerVersion {
        try ControllerVersion(
            await exchange.send(.GET, ControllerAddress.clientAPIPath + "/version", to: controller).asControllerAnswer)
    }

    /// Reads a controller's answer.
    init(_ answer: ControllerAnswer) throws(EnrollmentError) {
        guard answer.status == 200 else { throw answer.refused() }
        let version = try answer.data(Contents.self, of: "version")
        let path = version.apiVersions?["edge-oidc"]?["v1"]?.path.flatMap(Location.init)
        hasOIDC = version.capabilities?.contains("OIDC_AUTH") ?? false
        providerPath = path.map { $0.path.hasSuffix("/") ? String($0.path.dropLast()) : $0.path } ?? "/oidc"
    }

    private struct Contents: Decodable {
        let capabilities: [String]?
        let apiVersions: [String: [String: API]]?
    }

    private struct API: Decodable { let path: String? }
}
