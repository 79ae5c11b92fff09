internal import Synchronization

/// The certificates a client presented in the handshake of its connection.
final class PresentedChain: Sendable {
    private let chain = Mutex<[[UInt8]]>([])

    /// DER, leaf first.
    var certificates: [[UInt8]] { chain.withLock { $0 } }

    func set(_ certificates: [[UInt8]]) {
        chain.withLock { $0 = certificates }
    }
}
