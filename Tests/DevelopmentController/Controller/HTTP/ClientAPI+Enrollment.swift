internal import FoundationEssentials

/// Enrollment by every method: what each checks, in the real controller's order.
extension ClientAPI {
    private static let enrollTypes = ["application/pkcs7", "application/json", "application/x-pem-file", "text/plain"]

    /// `/enroll`, whose method is in the query and whose body is a certificate signing request or JSON.
    func enroll(_ request: Request, _ variation: IssueVariation?) throws(Refusal) -> Answer {
        try checkContentType(request, allowed: ClientAPI.enrollTypes)
        let method = request.query("method") ?? "ott"
        let isRaw: Bool =
            switch request.mediaType {
            case "application/x-pem-file", "text/plain", "application/pkcs7": true
            case nil: method == "ca"
            default: false
            }
        if isRaw {
            guard acceptsJSON(request) else { throw .noSuitableAccept }
            let body = EnrollmentBody(clientCsr: request.text)
            return try enroll(method, request.query("token") ?? "", body, request, variation)
        }
        let body = try EnrollmentBody(request)
        return try enroll(method, try tokenParameter(request), body, request, variation)
    }

    /// `/enroll/ott`, `/enroll/ottca` and `/enroll/updb`, whose body is JSON.
    func enroll(_ route: Route, _ request: Request, _ variation: IssueVariation?) throws(Refusal) -> Answer {
        try checkContentType(request, allowed: ["application/json"])
        let body = try EnrollmentBody(request)
        switch route {
        case .enrollOttCA: return try enroll("ottca", try tokenMember(body), body, request, variation)
        case .enrollUpdb: return try enroll("updb", try tokenParameter(request), body, request, variation)
        default:
            guard body.clientCsr != nil else { throw .fieldRequired("clientCsr") }
            return try enroll("ott", try tokenMember(body), body, request, variation)
        }
    }

    /// The checks that every method with a token has, and then those of the method.
    private func enroll(
        _ method: String, _ token: String, _ body: EnrollmentBody, _ request: Request, _ variation: IssueVariation?
    ) throws(Refusal) -> Answer {
        if method == "ca" { return try enrollByCertificate(request) }
        guard let enrollment = try stored({ try state.enrollment(token: token) }) else {
            throw .invalidEnrollmentToken
        }
        guard enrollment.method == method else { throw .invalidEnrollMethod }
        guard try stored({ try state.identity(enrollment.identityID) }) != nil else { throw .invalidEnrollmentToken }
        guard now() < enrollment.expiresAt else { throw .enrollmentExpired }
        switch method {
        case "ottca": return try accept(enrollment, request)
        case "updb": return try setPassword(enrollment, body)
        default: return try issue(enrollment, body.clientCsr ?? "", variation)
        }
    }

    /// From 2.1 on, the answer of all methods but `ca` has the list of controllers at its end.
    private func enrolled(_ data: [JSON.Member]) throws(Refusal) -> Answer {
        var data = data
        if generation.listsControllers { data.append(.init("controllers", .array(try controllerList()))) }
        return .data(.object(data))
    }

    // MARK: ott

    private func issue(_ enrollment: EnrollmentRecord, _ pem: String, _ variation: IssueVariation?) throws(Refusal)
        -> Answer
    {
        let leaf = try issue(CertificateRequest(pem: pem), identityID: enrollment.identityID, variation)
        let authenticator = authenticator(
            of: enrollment.identityID, leaf: leaf, chainPEM: authority.chainPEM(leaf: leaf),
            tokenDigest: enrollment.tokenDigest)
        guard try stored({ try state.spend(enrollment, for: authenticator) }) else { throw .invalidEnrollmentToken }
        return try enrolled([.init("cert", .string(authenticator.certificatePEM))])
    }

    /// Issues a client certificate, wrong in the way a fault wants it. From 2.0 on it names the identity.
    ///
    /// Without an identity it names none, which is what the real controller does after an external JWT.
    func issue(_ request: CertificateRequest, identityID: String?, _ variation: IssueVariation?) throws(Refusal)
        -> [UInt8]
    {
        try stored {
            try authority.issueClient(
                subjectDER: request.subjectDER,
                publicKeyDER: variation == .anotherKey ? SigningKey(.p256).publicKeyDER : request.publicKeyDER,
                identityID: generation.isSecondGeneration ? identityID : nil,
                now: variation == .expired ? now().addingTimeInterval(-3 * 365 * 86_400) : now())
        }
    }

    private func authenticator(of identityID: String, leaf: [UInt8], chainPEM: String, tokenDigest: String)
        -> Authenticator
    {
        Authenticator(
            id: Identifier.entity(), identityID: identityID,
            fingerprint: Identifier.fingerprint(ofCertificate: leaf), certificatePEM: chainPEM, createdAt: now(),
            tokenDigest: tokenDigest)
    }

    // MARK: ottca and ca

    private func accept(_ enrollment: EnrollmentRecord, _ request: Request) throws(Refusal) -> Answer {
        guard let id = enrollment.authorityID, let ca = try stored({ try state.authority(id) }) else {
            throw .invalidEnrollmentToken
        }
        guard ca.isOTTCAEnrollmentEnabled else { throw .authorityNotValid }
        guard let path = ca.path(of: request.clientCertificate.chain, at: now()) else {
            throw .clientCertificateFailedValidation
        }
        let authenticator = thirdParty(enrollment.identityID, path, tokenDigest: enrollment.tokenDigest)
        switch try stored({ try state.accept(authenticator, for: enrollment) }) {
        case .done: return try enrolled([])
        case .spent: throw .invalidEnrollmentToken
        case .certificateInUse: throw .certificateInUse(fingerprint: authenticator.fingerprint)
        }
    }

    /// The certificate alone enrolls; the first CA that it leads to decides.
    private func enrollByCertificate(_ request: Request) throws(Refusal) -> Answer {
        let all = try stored { try state.authorities() }
        guard !all.isEmpty else { throw .noAuthorities }
        let chain = request.clientCertificate.chain
        let now = now()
        for ca in all where ca.isAutoEnrollmentEnabled && ca.isVerified {
            guard let path = ca.path(of: chain, at: now) else { continue }
            let commonName = (try? CertificateFields(der: path[0]))?.commonName ?? ""
            let identity = Identity(
                id: Identifier.entity(), name: "\(ca.name)-\(commonName)", createdAt: now, updatedAt: now,
                environment: [:], sdk: [:])
            let authenticator = thirdParty(identity.id, path, tokenDigest: "")
            guard try stored({ try state.add(identity, authenticator) }) else { throw .certificateInUse }
            return .data([:])
        }
        throw .caCertificateRefused
    }

    /// The authenticator of a certificate with the path to its CA, each block after which comes an empty line.
    private func thirdParty(_ identityID: String, _ path: [[UInt8]], tokenDigest: String) -> Authenticator {
        let pem = path.map { PEM.block("CERTIFICATE", $0) + "\n" }.joined()
        var made = authenticator(of: identityID, leaf: path[0], chainPEM: pem, tokenDigest: tokenDigest)
        made.isIssuedByNetwork = false
        return made
    }

    // MARK: updb

    /// The user name in the request is of no account: the one that the administrator chose stays.
    private func setPassword(_ enrollment: EnrollmentRecord, _ body: EnrollmentBody) throws(Refusal) -> Answer {
        guard let password = body.password, !password.isEmpty else { throw .passwordMissing }
        let username = enrollment.username ?? ""
        let authenticator = try stored {
            try PasswordAuthenticator(
                identityID: enrollment.identityID, username: username, password: password, now: now(),
                tokenDigest: enrollment.tokenDigest)
        }
        guard try stored({ try state.spend(enrollment, for: authenticator) }) else { throw .invalidEnrollmentToken }
        return try enrolled([.init("username", .string(username))])
    }

    // MARK: token

    /// `/enroll/token`: a JWT that a signer made enrolls, with a certificate signing request for a certificate and
    /// without one for the right to authenticate with such a JWT.
    func enrollByToken(_ request: Request, _ variation: IssueVariation?) throws(Refusal) -> Answer {
        guard request.headers["authorization"] != nil else { throw .headerRequired("Authorization") }
        guard generation.isSecondGeneration else { return notImplemented("enroll.EnrollToken") }
        try checkContentType(request, allowed: ["application/json"])
        let body = try EnrollmentBody(request)
        guard let token = try externalToken(request) else { throw .invalidEnrollmentToken }
        guard state.identity(externalID: token.subject) == nil else { throw .alreadyEnrolled }
        let pem = body.clientCsr ?? ""
        guard pem.isEmpty ? token.signer.enrollsToToken : token.signer.enrollsToCertificate else {
            throw .enrollmentNotAllowed
        }
        let now = now()
        let identity = Identity(
            id: Identifier.entity(), name: token.subject, createdAt: now, updatedAt: now, environment: [:], sdk: [:],
            externalID: token.subject)
        guard !pem.isEmpty else {
            _ = try stored { try state.add(identity, nil) }
            return try enrolled([])
        }
        let leaf = try issue(CertificateRequest(pem: pem), identityID: nil, variation)
        let authenticator = authenticator(
            of: identity.id, leaf: leaf, chainPEM: authority.chainPEM(leaf: leaf), tokenDigest: "")
        _ = try stored { try state.add(identity, authenticator) }
        return try enrolled([
            .init("ca", .string(authority.bundlePEM)), .init("cert", .string(authenticator.certificatePEM)),
        ])
    }

    /// The external JWT of a request, if a signer vouches for it.
    func externalToken(_ request: Request) throws(Refusal) -> ExternalToken? {
        let signers = try stored { try state.signers() }
        return ExternalToken(
            authorization: request.headers["authorization"] ?? "", signerID: request.headers["ziti-token-issuer-id"],
            signers, now: now())
    }

    /// `/external-jwt-signers`, which asks for no session.
    func externalSigners(_ request: Request) throws(Refusal) -> Answer {
        let signers = try stored { try state.signers() }
        let all = signers.map { signer -> JSON in
            let time = JSON.string(CalendarTime(signer.createdAt).milliseconds)
            var members: [JSON.Member] = [
                .init("_links", ["self": ["href": .string("./external-jwt-signers/\(signer.id)")]]),
                .init("createdAt", time), .init("id", .string(signer.id)), .init("tags", [:]),
                .init("updatedAt", time), .init("audience", nil), .init("clientId", nil),
            ]
            if generation.isSecondGeneration {
                members.append(.init("enrollToCertEnabled", .boolean(signer.enrollsToCertificate)))
                members.append(.init("enrollToTokenEnabled", .boolean(signer.enrollsToToken)))
            }
            members += [
                .init("externalAuthUrl", nil), .init("name", .string(signer.name)), .init("scopes", []),
                .init("targetToken", "ACCESS"),
            ]
            return .object(members)
        }
        return .data(.array(all), meta: pageMeta(request, filterableFields: [], count: all.count))
    }

    // MARK: The form of a request

    private func tokenMember(_ body: EnrollmentBody) throws(Refusal) -> String {
        guard let token = body.token else { throw .fieldRequired("token") }
        guard UUID(uuidString: token) != nil else { throw .fieldNotUUID("token", value: token) }
        return token
    }

    private func tokenParameter(_ request: Request) throws(Refusal) -> String {
        guard let token = request.query("token") else { return "" }
        guard UUID(uuidString: token) != nil else { throw .queryNotUUID("token", value: token) }
        return token
    }

    private func acceptsJSON(_ request: Request) -> Bool {
        guard let accept = request.headers["accept"] else { return true }
        return accept.split(separator: ",").contains { range in
            let type = range.prefix { $0 != ";" }.filter { $0 != " " }
            return type == "application/json" || type == "*/*"
        }
    }
}
