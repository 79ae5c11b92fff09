import NIOHTTP1
import ZitiEnrollment

/// The controllers of a network, as one of them lists them to who is logged in.
enum ControllerList {
    /// Asks a controller. What cannot be read is passed over: the list only helps when something fails.
    static func ask(_ login: APILogin, over exchange: ControllerExchange) async -> [ControllerAddress] {
        guard
            let answer = try? await exchange.send(
                .GET, ControllerAddress.clientAPIPath + "/controllers", to: login.controller, headers: login.headers)
        else { return [] }
        return addresses(answer.asControllerAnswer)
    }

    /// The addresses that an answer lists.
    static func addresses(_ answer: ControllerAnswer) -> [ControllerAddress] {
        guard answer.status == 200,
            let controllers = try? answer.data([Controller].self, of: "controllers")
        else { return [] }
        return controllers.flatMap { $0.apiAddresses?["edge-client"] ?? [] }
            .compactMap { $0.url.flatMap { ControllerAddress($0, allowsClientAPI: true) } }
    }

    private struct Controller: Decodable { let apiAddresses: [String: [API]]? }
    private struct API: Decodable { let url: String? }
}
