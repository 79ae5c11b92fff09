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
        /// Nothing is processed; the answer is the real controller's when it has too much to do.
        case refuse(Overload)
        /// Nothing is processed and no answer comes; the connection stays open until the client closes it.
        case hang
        /// The request is processed, a token spent, and no answer comes; the connection stays open.
        case hangAfterProcessing
        /// The request is processed, a token spent, and the answer's head is sent, but never the end of its body: nothing of
        /// it comes, or a space every so often. The connection stays open.
        case hangInBody(drips: Bool)
        /// The request is processed and answered that much later.
        case delay(milliseconds: Int)
        /// Nothing is processed; the answer is 302 with that in `Location`.
        case redirect(to: String)
        /// Nothing is processed; the answer is 200 with a body of so many bytes, sent piece by piece as the client takes
        /// them, with `Content-Length` or else chunked.
        case streamBody(bytes: Int, declaresLength: Bool)
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
    /// Called, on the controller's thread, when it has happened.
    public var then: @Sendable () -> Void

    /// Describes a fault; `DevelopmentController.script` puts it in line.
    public init(pathSuffix: String, effect: Effect, then: @escaping @Sendable () -> Void = {}) {
        self.pathSuffix = pathSuffix
        self.effect = effect
        self.then = then
    }
}
