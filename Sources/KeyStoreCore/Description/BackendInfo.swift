/// What a backend says of itself before anything is opened.
public struct BackendInfo: Hashable, Sendable {
    /// The backend's name: for a plugin, the scheme it is found by.
    public var name: String
    /// Its version, for a person.
    public var version: String
    /// The URI schemes that are its own.
    public var schemes: [String]
    /// Schemes of other backends whose URIs it also understands.
    public var reads: [String]
    /// What it can do beside signing and making keys.
    public var abilities: Ability
    /// Whether signing never waits for a device or a person, so that it needs no thread of its own.
    public var computesOnly: Bool

    /// Makes a description.
    public init(
        name: String, version: String, schemes: [String], reads: [String] = [], abilities: Ability = [],
        computesOnly: Bool = false
    ) {
        self.name = name
        self.version = version
        self.schemes = schemes
        self.reads = reads
        self.abilities = abilities
        self.computesOnly = computesOnly
    }
}
