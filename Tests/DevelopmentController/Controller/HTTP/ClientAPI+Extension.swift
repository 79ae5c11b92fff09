internal import FoundationEssentials

/// The authenticators of the session's identity, and their extension in two steps.
///
/// The first step issues a certificate and leaves the one in use good; the second, which proves that the new one has
/// arrived, swaps them.
extension ClientAPI {
    func authenticators(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            let all = try bodies(of: session).map(\.data)
            let offset = min(all.count, max(0, request.query("offset").flatMap { Int($0) } ?? 0))
            let limit = min(500, max(0, request.query("limit").flatMap { Int($0) } ?? 10))
            return .data(
                .array(Array(all[offset...].prefix(limit))),
                meta: pageMeta(request, filterableFields: ClientAPI.authenticatorFields, count: all.count))
        }
    }

    func authenticator(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            let id = Route.authenticatorID(request.path)
            guard let found = try bodies(of: session).first(where: { $0.id == id }) else { throw .entityNotFound }
            return .data(found.data)
        }
    }

    private func bodies(of session: APISession) throws(Refusal) -> [(id: String, data: JSON)] {
        let body = AuthenticatorBody(identity: try identity(of: session))
        let wish = try stored { try state.extensionRequest(identityID: session.identityID) }
        var all = state.authenticators(identityID: session.identityID).map { (id: $0.id, data: body.data($0, wish)) }
        if let password = state.passwordAuthenticator(identityID: session.identityID) {
            all.append((password.id, body.data(password)))
        }
        return all
    }

    // MARK: Extension

    func extend(_ request: Request, _ variation: IssueVariation?) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            try checkContentType(request, allowed: ["application/json"])
            guard let pem = try ExtensionBody(request).clientCertCsr else { throw .fieldRequired("clientCertCsr") }
            guard let presented = request.clientCertificate.fingerprint else { throw .unauthorized }
            let authenticator = try extendable(request)
            guard authenticator.identityID == session.identityID, authenticator.fingerprint == presented,
                request.clientCertificate.chaining(to: authority) != .none
            else { throw .unauthorized }
            let leaf = try issue(CertificateRequest(pem: pem), identityID: session.identityID, variation)
            let chain = authority.chainPEM(leaf: leaf)
            let pending = PendingCertificate(
                fingerprint: Identifier.fingerprint(ofCertificate: leaf), certificatePEM: chain)
            try stored { try state.setPending(pending, fingerprint: presented) }
            return .data(["ca": .string(authority.bundlePEM), "clientCert": .string(chain)])
        }
    }

    func extendVerify(_ request: Request) throws(Refusal) -> Answer {
        try inSession(request) { session throws(Refusal) in
            try checkContentType(request, allowed: ["application/json"])
            guard let pem = try ExtensionBody(request).clientCert else { throw .fieldRequired("clientCert") }
            let authenticator = try extendable(request)
            guard authenticator.identityID == session.identityID else { throw .unauthorized }
            guard let pending = authenticator.pending else { throw .authenticatorNotUpdatable }
            guard let (der, _) = PEM.decode(pem), Identifier.fingerprint(ofCertificate: der) == pending.fingerprint
            else { throw .clientCertificateInvalid }
            guard try stored({ try state.adopt(pending, fingerprint: authenticator.fingerprint) }) else {
                throw .clientCertificateInvalid
            }
            return .data([:])
        }
    }

    /// The authenticator in the path, if it is a certificate of the network's.
    private func extendable(_ request: Request) throws(Refusal) -> Authenticator {
        let id = Route.authenticatorID(request.path) ?? ""
        guard let authenticator = state.authenticator(id: id) else {
            throw state.passwordAuthenticator(id: id) == nil ? .entityNotFound : .authenticatorNotUpdatable
        }
        guard authenticator.isIssuedByNetwork else { throw .authenticatorNotUpdatable }
        return authenticator
    }

    /// What the real controller can filter the list by; its order there changes from answer to answer.
    private static let authenticatorFields: [JSON] = [
        "certFingerprint", "certPem", "createdAt", "extendRequestedAt", "id", "identity", "isExtendRequested",
        "isIssuedByNetwork", "isKeyRollRequested", "isSystem", "lastAuthResolvedToRoot", "lastExtendRolledKeys",
        "method", "publicKeyPrint", "tags", "updatedAt", "updbPassword", "updbSalt", "updbUsername",
    ]
}
