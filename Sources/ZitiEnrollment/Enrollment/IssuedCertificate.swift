import KeyStoreCore

/// What a controller answers to a redeemed token: the certificate, and where other controllers are.
struct IssuedCertificate {
    /// The certificate and its intermediates.
    let pem: String
    /// How many of the intermediates could not be read, and are left out.
    let droppedCount: Int
    /// The client API addresses of the network's controllers; nil where the controller sends none.
    let controllers: [String]?

    /// Reads the answer: JSON, or bare PEM as old controllers send it. Throws `answerInvalid`.
    init(_ answer: ControllerAnswer) throws(EnrollmentError) {
        let text: String
        if answer.body.drop(while: { $0 == 0x20 || (0x09...0x0D).contains($0) }).starts(with: Array("-----BEGIN".utf8))
        {
            text = String(decoding: answer.body, as: UTF8.self)
            controllers = nil
        } else {
            let data = try answer.data(Contents.self, of: "enroll")
            text = data.cert
            controllers = data.controllers?.addresses
        }
        // The token is spent by now: whatever can be used is.
        let (certificates, dropped) = CertificateList.readable(pem: text)
        guard !certificates.isEmpty else {
            throw EnrollmentError(.answerInvalid, "the controller's answer holds no certificate that can be read")
        }
        droppedCount = dropped
        var encoded: [[UInt8]] = []
        for certificate in certificates { encoded.append(try certificate.derBytes) }
        pem = CertificateList.pem(encoded)
    }

    private struct Contents: Decodable {
        let cert: String
        let controllers: ControllerList?

        private enum CodingKeys: CodingKey { case cert, controllers }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            cert = try values.decode(String.self, forKey: .cert)
            // The certificate is what the token was spent for; a list that is not understood must not lose it.
            controllers = try? values.decodeIfPresent(ControllerList.self, forKey: .controllers)
        }
    }
}
