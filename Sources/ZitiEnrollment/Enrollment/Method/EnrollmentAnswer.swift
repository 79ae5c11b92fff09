/// What a controller says to an enrollment beside a certificate. Nothing of it is needed, so nothing of it is an error.
struct EnrollmentAnswer {
    /// The client API addresses of the network's controllers; nil where the controller sends none.
    let controllers: [String]?
    /// The user's name, as the controller keeps it.
    let username: String?

    /// Reads what can be read.
    init(_ answer: ControllerAnswer) {
        let data = try? answer.data(Contents.self, of: "enroll")
        controllers = data?.controllers?.addresses
        username = data?.username.map(PlainText.clean)
    }

    private struct Contents: Decodable {
        let controllers: ControllerList?
        let username: String?

        private enum CodingKeys: CodingKey { case controllers, username }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            controllers = try? values.decodeIfPresent(ControllerList.self, forKey: .controllers)
            username = try? values.decodeIfPresent(String.self, forKey: .username)
        }
    }
}
