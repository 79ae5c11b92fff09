import FoundationEssentials
import NIOSSL

/// Finds out whether a credential is enrolled, by logging in with it: for an enrollment whose answer got lost.
struct LoginCheck: Sendable {
    let controller: ControllerAddress
    let tls: TLSConfiguration
    let proxy: ProxySettings
    let seconds: Int
    /// Whom the credential has to belong to; nil where that is not known.
    let identityID: String?
    var method = "cert"
    var body: [UInt8] = Array("{}".utf8)
    /// A secret in the body, which no refusal is to repeat.
    var secret: String?

    /// Whether the controller takes the credential. The API session is ended again. Throws what the transport fails with.
    func succeeds() async throws(EnrollmentError) -> Bool {
        let connection = ControllerConnection(
            controller, tls: tls, proxy: try proxy.proxy(for: controller), deadline: .within(seconds: seconds))
        do throws(EnrollmentError) {
            let answer = try await connection.send(
                .POST, "/authenticate?method=\(method)", headers: [("Content-Type", "application/json")], body: body)
            guard answer.status == 200 else {
                await connection.close()
                guard answer.status == 401 else { throw answer.refused(hiding: secret.map { [$0] } ?? []) }
                return false
            }
            let session = try APISessionAnswer(answer, of: "authenticate")
            if let token = session.token {
                // A session that is not ended ends by itself.
                _ = try? await connection.send(.DELETE, "/current-api-session", headers: [("zt-session", token)])
            }
            await connection.close()
            return identityID == nil || session.identityID == nil || session.identityID == identityID
        } catch {
            await connection.close()
            throw error
        }
    }
}
