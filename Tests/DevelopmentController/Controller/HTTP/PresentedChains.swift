internal import Synchronization

/// The certificates that clients presented in handshakes, by leaf.
///
/// A resumed TLS session presents nothing again, and of the chain it remembers only the leaf is to be had, while the
/// real controller still sees the whole chain; so it is remembered here.
final class PresentedChains: Sendable {
    /// How many are remembered; beyond that all are forgotten, and a resumed session seems to have presented a leaf.
    private static let limit = 1000

    private let chains = Mutex<[String: [[UInt8]]]>([:])

    /// Remembers a chain, leaf first, in DER.
    func remember(_ chain: [[UInt8]]) {
        guard let leaf = chain.first else { return }
        chains.withLock { chains in
            if chains.count >= PresentedChains.limit { chains = [:] }
            chains[Identifier.fingerprint(ofCertificate: leaf)] = chain
        }
    }

    /// The chain that was last presented with a leaf; the leaf alone if none was.
    func chain(leaf: [UInt8]) -> [[UInt8]] {
        chains.withLock { $0[Identifier.fingerprint(ofCertificate: leaf)] } ?? [leaf]
    }
}
