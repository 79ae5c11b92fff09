/// What is to be opened, and under which conditions.
public struct OpenRequest: Hashable, Sendable {
    /// Selects the token or folder; may name a key in it too.
    public var uri: KeyStoreURI
    /// The native library to use, where the person named one; for backends that load one.
    public var module: String?
    /// What the native library is given when it is initialised, for libraries that take arguments. Never from a reference.
    public var moduleArguments: String?
    /// Whether the URI stood in a file. A library that it names is a wish then, and configuration decides.
    public var referenceIsRequest: Bool
    /// Whether a PIN may be sent although a wrong one would lock the token.
    public var allowsLastTry: Bool
    /// The limit for one native call that can be given up, in milliseconds; nil for the backend's own.
    public var timeoutMilliseconds: UInt32?

    /// Makes a request.
    public init(
        uri: KeyStoreURI, module: String? = nil, moduleArguments: String? = nil, referenceIsRequest: Bool = false,
        allowsLastTry: Bool = false, timeoutMilliseconds: UInt32? = nil
    ) {
        self.uri = uri
        self.module = module
        self.moduleArguments = moduleArguments
        self.referenceIsRequest = referenceIsRequest
        self.allowsLastTry = allowsLastTry
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
