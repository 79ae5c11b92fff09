/// The controllers of a network, as controllers list them in answers since 2.1.
struct ControllerList: Decodable {
    /// How many controllers are kept.
    private static let maximumCount = 64

    private struct Controller: Decodable { let apiAddresses: [String: [Address]]? }
    private struct Address: Decodable { let url: String? }

    /// Their client API addresses; nil if there is none that can be used.
    let addresses: [String]?

    init(from decoder: any Decoder) throws {
        let controllers = try decoder.singleValueContainer().decode([Controller].self)
        let urls = controllers.compactMap { $0.apiAddresses?["edge-client"] }.joined().compactMap(\.url)
            .filter { ControllerAddress($0, allowsClientAPI: true) != nil }.prefix(Self.maximumCount)
        addresses = urls.isEmpty ? nil : Array(urls)
    }
}
