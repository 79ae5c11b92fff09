/// What a `session` pointer points to.
final class SessionBox {
    let session: any BackendSession
    private let host: BridgedHost

    init(_ session: any BackendSession, host: BridgedHost) {
        self.session = session
        self.host = host
    }
}
