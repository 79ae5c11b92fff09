/// What a `store` pointer points to.
final class StoreBox {
    let backend: any Backend
    private let host: BridgedHost

    init(_ backend: any Backend, host: BridgedHost) {
        self.backend = backend
        self.host = host
    }
}
