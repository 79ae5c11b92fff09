import KeyStoreCore
import KeyStoreTLS
import NIOSSL

extension EnrollmentJWT {
    /// Fetches the JWT of a network from its controller, for trust that begins with an address alone.
    ///
    /// The connection is trusted by the system's authorities or, where `authorities` (PEM) is given, by those and no others.
    /// The JWT is verified like any other afterwards. Throws `inputInvalid` for authorities that are none, `answerInvalid` if
    /// the controller has no such JWT, and what the transport fails with.
    public static func network(
        at controller: ControllerAddress, authorities: String? = nil, proxy: ProxySettings = ProxySettings(),
        timeoutSeconds: Int = 30
    ) async throws(EnrollmentError) -> EnrollmentJWT {
        try await network(
            at: controller, authorities: authorities, proxy: proxy, timeoutSeconds: timeoutSeconds, patience: Patience()
        )
    }

    static func network(
        at controller: ControllerAddress, authorities: String?, proxy: ProxySettings, timeoutSeconds: Int,
        patience: Patience
    ) async throws(EnrollmentError) -> EnrollmentJWT {
        let tls = try bootstrapTLS(authorities)
        var attempt = 0
        while true {
            let connection = ControllerConnection(
                controller, tls: tls, proxy: try proxy.proxy(for: controller),
                deadline: .within(seconds: timeoutSeconds))
            let answer: ControllerAnswer
            do throws(EnrollmentError) {
                answer = try await connection.send(.GET, "/network-jwts")
                await connection.close()
            } catch {
                await connection.close()
                guard error.code == .certificateNotTrusted, authorities == nil else { throw error }
                throw error.hinting(
                    "This system trusts none of its authorities. Give them with --ca, or use an enrollment JWT.")
            }
            guard answer.status == 200 else {
                let error = answer.refused()
                guard error.refusal?.isTransient == true, try await patience.pause(after: attempt) else { throw error }
                attempt += 1
                continue
            }
            guard let text = try answer.data([NetworkJWT].self, of: "network-jwts").first?.token else {
                throw EnrollmentError(.answerInvalid, "\(controller) has no JWT of its network")
            }
            let jwt = try EnrollmentJWT(text)
            guard jwt.method == .network else {
                throw EnrollmentError(.answerInvalid, "what \(controller) gives as the JWT of its network is another")
            }
            return jwt
        }
    }

    private static func bootstrapTLS(_ authorities: String?) throws(EnrollmentError) -> TLSConfiguration {
        do {
            guard let authorities else {
                var tls = try TLSConfiguration.makeKeyStoreClient(trustRoots: [])
                tls.trustRoots = .default
                return tls
            }
            guard let certificates = CertificateList.parse(pem: authorities) else {
                throw EnrollmentError(
                    .inputInvalid, "the authorities to trust are no certificates that can be read",
                    hint:
                        "Check the file of --ca: no more than \(CertificateList.maximumCount) certificates."
                )
            }
            return try .makeKeyStoreClient(
                trustRoots: certificates.map { certificate throws(EnrollmentError) in try certificate.derBytes })
        } catch let error as EnrollmentError {
            throw error
        } catch {
            throw EnrollmentError(.inputInvalid, "the authorities to trust cannot be used", underlying: error)
        }
    }

    private struct NetworkJWT: Decodable { let token: String }
}
