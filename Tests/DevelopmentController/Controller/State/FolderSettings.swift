/// Where the controller of a folder listens, or last listened.
struct FolderSettings: Codable, Sendable {
    var host: String
    var port: Int

    /// The name of the file in a controller's folder.
    static let file = "controller.json"
}
