import FoundationEssentials
import KeyStoreCore
import KeyStoreTLS
import NIOSSL

/// The methods `ott` and `token` with a key: a certificate for a certificate request.
extension EnrollmentRun {
    /// The redemption of an enrollment JWT's one-time token.
    func issuance(_ request: CertificateRequest, trust: ControllerTrust) throws(EnrollmentError) -> Redemption {
        Redemption(
            path: "/enroll?method=\(jwt.method)&token=\(escapedToken)",
            headers: [("Content-Type", "application/x-pem-file")], body: Array(request.pem.utf8),
            tls: try clientTLS(trust),
            lostHint: "The key is kept. Ask for a new JWT, and enroll with the same --key.")
    }

    /// The same for the holder of an external JWT.
    func issuanceToBearer(
        _ request: CertificateRequest, trust: ControllerTrust
    ) throws(EnrollmentError) -> Redemption {
        Redemption(
            path: "/enroll/token", headers: try bearerHeaders(), body: try jsonBody(["clientCsr": request.pem]),
            tls: try clientTLS(trust), spentCodes: ["ENROLLMENT_IDENTITY_ALREADY_ENROLLED"],
            lostHint: "The key is kept. Have the identity deleted, and enroll again with the same --key.")
    }

    /// Sends the redemption, and puts the certificate that comes for it into the journal.
    mutating func redeem(
        _ redemption: Redemption, trust: ControllerTrust, proof: SignatureProof
    ) async throws -> String {
        guard case .accepted(let answer) = try await send(redemption, proof: proof) else {
            throw EnrollmentError(.defect, "there is no certificate")
        }
        let issued: IssuedCertificate
        do {
            issued = try IssuedCertificate(answer)
        } catch {
            let error = lost(error)
            guard !answer.body.isEmpty, let path = keepRejected(answer.body) else { throw error }
            throw error.hinting(error.hint + " What came is kept in '\(path)'.")
        }
        if issued.droppedCount > 0 {
            tell(
                .warning,
                "\(issued.droppedCount) of the intermediates that came with the certificate cannot be read, and are left out"
            )
        }
        try requireJournal().update { record in
            record.step = EnrollmentStep.checkCertificate.rawValue
            record.certificate = issued.pem
            record.authorities = CertificateList.pem(trust.authorities)
            record.controllers = issued.controllers
        }
        try milestone(.certificateRecorded)
        return issued.pem
    }

    /// The one-time token in a query.
    var escapedToken: String { PercentEncoding.encode(Array(jwt.token.utf8)) }

    /// Trusts the controller's authorities, and shows no certificate.
    func clientTLS(_ trust: ControllerTrust) throws(EnrollmentError) -> TLSConfiguration {
        do {
            return try .makeKeyStoreClient(trustRoots: trust.authorities)
        } catch {
            throw EnrollmentError(.caBundleInvalid, "the controller's authorities cannot be used", underlying: error)
        }
    }

    /// A JSON object of texts.
    func jsonBody(_ members: [String: String]) throws(EnrollmentError) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(members))
        } catch {
            throw EnrollmentError(.defect, "a request cannot be encoded")
        }
    }
}
