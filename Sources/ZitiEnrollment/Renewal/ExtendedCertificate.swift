import X509

/// What a controller answers to a request for a new certificate.
struct ExtendedCertificate {
    /// The certificate and its intermediates.
    let chain: [Certificate]
    /// The controller's authorities; empty where it sends none.
    let authorities: [Certificate]

    /// Reads the answer. Throws `answerInvalid`.
    init(_ answer: ControllerAnswer) throws(EnrollmentError) {
        let contents = try answer.data(Contents.self, of: "extend")
        guard let chain = CertificateList.parse(pem: contents.clientCert) else {
            throw EnrollmentError(.answerInvalid, "the controller's answer holds no certificate that can be read")
        }
        self.chain = chain
        // The authorities are told again for good measure; what cannot be read of them takes nothing away.
        authorities = contents.ca.flatMap(CertificateList.parse) ?? []
    }

    private struct Contents: Decodable {
        let clientCert: String
        let ca: String?

        private enum CodingKeys: CodingKey { case clientCert, ca }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            clientCert = try values.decode(String.self, forKey: .clientCert)
            ca = try? values.decodeIfPresent(String.self, forKey: .ca)
        }
    }
}
