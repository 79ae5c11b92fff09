/// Something that goes wrong on purpose, once, with the next request to a path.
public struct Fault: Sendable {
    /// How it goes wrong.
    public enum Effect: Sendable {
        /// The request is processed; of the answer's body only so many bytes are sent, then the connection closes.
        case truncateBody(bytes: Int)
        /// The request is processed, a token spent, and the connection closes without an answer.
        case closeAfterProcessing
        /// The connection closes and nothing was processed.
        case closeBeforeProcessing
        /// Nothing is processed; this is the answer. `Content-Length` is added.
        case answer(status: Int, headers: [(name: String, value: String)], body: String)
        /// The CA bundle of another PKI is served, well formed.
        case serveForeignBundle
        /// The certificate issued holds another public key.
        case issueForAnotherKey
        /// The certificate issued was over two years ago.
        case issueExpired
    }

    /// The end of the path, such as `/enroll` or `cacerts`, compared after rewriting and without the query.
    public var pathSuffix: String
    /// What happens.
    public var effect: Effect

    /// Describes a fault; `DevelopmentController.script` puts it in line.
    public init(pathSuffix: String, effect: Effect) {
        self.pathSuffix = pathSuffix
        self.effect = effect
    }
}
