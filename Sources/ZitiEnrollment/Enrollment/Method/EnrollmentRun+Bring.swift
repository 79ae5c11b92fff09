import FoundationEssentials
import KeyStoreCore
import KeyStoreTLS
import NIOSSL
import X509

/// The methods `ottca` and `ca`: a certificate of a third party, for a key that signs the TLS handshake, is shown.
extension EnrollmentRun {
    /// The certificate that goes with the key, then its intermediates: from the caller, or from beside the key. It is for
    /// this key, for clients, and valid now; all of that is found out before anything is sent.
    func broughtChain(_ key: EnrollmentKey) async throws(EnrollmentError) -> [Certificate] {
        let chain: [Certificate]
        if let text = options.certificate {
            guard let certificates = CertificateList.parse(pem: text) else {
                throw EnrollmentError(
                    .inputInvalid, "the certificate to enroll with cannot be read",
                    hint: "Check the file of --cert: the certificate first, then its intermediates."
                )
            }
            chain = certificates
        } else {
            chain = try await chainBeside(key)
        }
        try requireUsable(chain[0], key)
        tell(.detail, "the certificate of \(PlainText.clean(chain[0].subject.description))")
        return chain
    }

    private func chainBeside(_ key: EnrollmentKey) async throws(EnrollmentError) -> [Certificate] {
        let uri = key.handle.info.uri
        let hint = "Give the certificate with --cert, or store it with 'ziti-keystore certificate put'."
        guard let storing = opened?.session.certificates else {
            throw EnrollmentError(
                .inputInvalid, "the backend keeps no certificates, so none can be found beside the key", hint: hint)
        }
        let encoded: [[UInt8]]
        do throws(KeyStoreError) {
            encoded = try await storing.certificates(at: uri)
        } catch {
            throw EnrollmentError(error).hinting(error.code == .noSuchCertificate ? hint : "")
        }
        let chain = encoded.prefix(CertificateList.maximumCount).compactMap { try? Certificate(derEncoded: $0) }
        guard !chain.isEmpty, chain.count == encoded.count else {
            throw EnrollmentError(.inputInvalid, "the certificate beside \(uri) cannot be read", hint: hint)
        }
        return chain
    }

    private func requireUsable(_ leaf: Certificate, _ key: EnrollmentKey) throws(EnrollmentError) {
        func unusable(_ message: String, _ hint: String) -> EnrollmentError {
            EnrollmentError(.inputInvalid, message, hint: hint + " Nothing was sent.")
        }
        guard let ours = try? Certificate.PublicKey(derEncoded: key.publicKey.der), leaf.publicKey == ours else {
            throw unusable(
                "the certificate to enroll with is for another key than \(key.handle.info.uri)",
                "Check --cert and --key.")
        }
        let now = now()
        guard leaf.notValidBefore <= now, now <= leaf.notValidAfter else {
            let isOver = leaf.notValidAfter < now
            let date = (isOver ? leaf.notValidAfter : leaf.notValidBefore).formatted(.iso8601)
            throw unusable(
                "the certificate to enroll with \(isOver ? "expired at" : "is not valid before") \(date)",
                isOver ? "Have a new one issued for the same key." : "Check this machine's clock.")
        }
        if let usage = try? leaf.extensions.extendedKeyUsage, !usage.contains(.clientAuth), !usage.contains(.any) {
            throw unusable("the certificate to enroll with is not for clients", "Have one issued that is.")
        }
    }

    /// The redemption: the certificate in the handshake, and for `ca` a name if the caller wants one.
    func bringing(
        _ chain: [[UInt8]], key: EnrollmentKey, proof: SignatureProof, trust: ControllerTrust
    ) throws(EnrollmentError) -> Redemption {
        let failure = SharedValue<KeyStoreError?>(nil)
        let tlsKey = TLSPrivateKey(key.handle, publicKey: key.publicKey, algorithms: proof.usable) { use in
            if let error = use.failure { failure.update { $0 = error } }
        }
        let tls: TLSConfiguration
        do {
            tls = try .makeKeyStoreClient(trustRoots: trust.authorities, chain: chain, key: tlsKey)
        } catch {
            throw EnrollmentError(.inputInvalid, "the certificate to enroll with cannot be used", underlying: error)
        }
        // Never empty: what is asked for piece by piece tells when the request leaves this machine.
        let body = try jsonBody(options.requestedName.map { ["name": $0] } ?? [:])
        let login = LoginCheck(
            controller: jwt.controller, tls: tls, proxy: options.proxy, seconds: options.timeoutSeconds,
            identityID: jwt.method == .ca ? nil : jwt.identityID)
        return Redemption(
            path: jwt.method == .ca ? "/enroll?method=ca" : "/enroll?method=ottca&token=\(escapedToken)",
            headers: [("Content-Type", "application/json")], body: body, tls: tls,
            // The token is forgotten with success; `ca` has none, and knows the certificate instead.
            spentCodes: ["INVALID_ENROLLMENT_TOKEN", "CERT_IN_USE"],
            confirm: { () throws(EnrollmentError) in try await login.succeeds() },
            lostHint: "The key and its certificate are kept. Ask for a new JWT, and enroll with them again.",
            keyFailure: { failure.current.map { EnrollmentError($0) } })
    }

    /// Sends the redemption, and puts down that the certificate is enrolled.
    mutating func enroll(
        _ chain: [[UInt8]], _ redemption: Redemption, trust: ControllerTrust, proof: SignatureProof
    ) async throws -> String {
        let outcome = try await send(redemption, proof: proof)
        let pem = CertificateList.pem(chain)
        try requireJournal().update { record in
            record.step = EnrollmentStep.checkCertificate.rawValue
            record.certificate = pem
            record.authorities = CertificateList.pem(trust.authorities)
            if case .accepted(let answer) = outcome { record.controllers = EnrollmentAnswer(answer).controllers }
        }
        try milestone(.certificateRecorded)
        return pem
    }
}
