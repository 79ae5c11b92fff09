public import KeyStoreCore
public import KeyStorePlugin
import Synchronization

/// A backend whose tokens live in the process's memory, for tests of programs that use key stores: `memory:NAME` selects a
/// token, which comes into being when it is first opened, and `memory:NAME;object=LABEL;id=%01` a key in it.
///
/// It has every ability that concerns keys but references for SDKs, and a PIN if one was set. A reset gives it
/// the PIN 123456, the PUK 12345678 and a management key, as a YubiKey has them. It does not imitate what devices do: waiting,
/// vanishing, running out of space.
public final class InMemoryBackend: Backend {
    /// What the backend says of itself.
    public static let info = BackendInfo(
        name: "memory", version: "1", schemes: ["memory"],
        abilities: [
            .certificates, .deleting, .importing, .decrypting, .agreeing, .relabelling, .keyPolicies, .attesting,
            .moving,
            .administering,
        ],
        computesOnly: true)

    let token: InMemoryToken
    private let uri: InMemoryReference

    /// Sets the PIN that a token asks for from now on, or nil for none.
    public static func setPIN(_ pin: String?, ofToken name: String) {
        InMemoryToken.named(name).state.withLock { $0.pin = pin.map { Array($0.utf8) } }
    }

    /// Reads a `memory:` reference.
    public static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo {
        let reference = try InMemoryReference(uri)
        var attributes = [URIInfo.Attribute(name: "token", value: reference.token)]
        if let label = reference.label { attributes.append(.init(name: "object", value: label)) }
        if let id = reference.id { attributes.append(.init(name: "id", value: PercentEncoding.encode(id, all: true))) }
        return URIInfo(
            normalised: try reference.uri, attributes: attributes,
            warnings: reference.unknown.map { "the query attribute '\($0)' is not known and is ignored" })
    }

    /// Whether token, label and id that the pattern names are so in the candidate.
    public static func uri(_ pattern: KeyStoreURI, matches candidate: KeyStoreURI) throws(KeyStoreError) -> Bool {
        let pattern = try InMemoryReference(pattern)
        let candidate = try InMemoryReference(candidate)
        return pattern.token == candidate.token && (pattern.label == nil || pattern.label == candidate.label)
            && (pattern.id == nil || pattern.id == candidate.id)
    }

    /// Opens the token that the reference names.
    public init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError) {
        uri = try InMemoryReference(request.uri)
        token = InMemoryToken.named(uri.token)
    }

    /// Shows the one token.
    public func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError) { _ = body(try token.info) }

    /// Opens a session.
    public func openSession(
        _ options: SessionOptions, host: any BackendHost
    ) throws(KeyStoreError) -> any BackendSession {
        try InMemorySession(token: token, options: options, host: host)
    }

    /// Does nothing: what is open stays so until nobody holds it.
    public func close() {}
}
