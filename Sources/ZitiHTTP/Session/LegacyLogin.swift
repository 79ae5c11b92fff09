import NIOHTTP1
import ZitiEnrollment

/// Logs in by certificate, for a token that goes with every request as `zt-session`.
struct LegacyLogin {
    let exchange: ControllerExchange
    let controller: ControllerAddress
    let client: ClientInfo

    /// Logs in. Throws `refusedByController`, also where the controller wants a second factor, and `answerInvalid`.
    func logIn() async throws(EnrollmentError) -> APILogin {
        try Self.login(
            await exchange.send(
                .POST, ControllerAddress.clientAPIPath + "/authenticate?method=cert", to: controller,
                headers: ["Content-Type": "application/json"], body: client.requestBody()
            ).asControllerAnswer, at: controller)
    }

    /// The login that an answer gives.
    static func login(
        _ answer: ControllerAnswer, at controller: ControllerAddress
    ) throws(EnrollmentError) -> APILogin {
        guard answer.status == 200 else { throw answer.refused() }
        let session = try APISessionAnswer(answer, of: "authenticate")
        guard !session.wantsSecondFactor else { throw SecondFactor.required(status: answer.status) }
        guard let token = session.token else {
            throw EnrollmentError(.answerInvalid, "the controller gave no API session token")
        }
        return APILogin(
            controller: controller, kind: .legacy, header: ("zt-session", token), refresh: nil, lifeSeconds: nil)
    }
}
