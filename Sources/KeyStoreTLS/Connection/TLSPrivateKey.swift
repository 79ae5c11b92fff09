public import KeyStoreCore
import KeyStoreVerification
public import NIOCore
public import NIOSSL

/// A key of a store as NIOSSL takes private keys. It never blocks the event loop, and signs with its store's own thread.
///
/// When the connection closes while a signature is awaited, the waiting is given up.
public struct TLSPrivateKey: NIOSSLCustomPrivateKey, Hashable {
    /// What a handshake asked of the key.
    public struct Use: Sendable {
        /// The TLS version of the handshake, where NIOSSL tells.
        public var tlsVersion: TLSVersion?
        /// What was to be signed with.
        public var algorithm: KeyStoreCore.SignatureAlgorithm
        /// Why the key did not sign; nil where it did. NIOSSL reports no more than a failed handshake.
        public var failure: KeyStoreError?
    }

    /// Told of each use after it. Called on any thread; must not block.
    public typealias Observer = @Sendable (Use) -> Void

    /// What is offered to the peer, in this order.
    public let signatureAlgorithms: [NIOSSL.SignatureAlgorithm]

    private let key: any Key
    private let fingerprint: [UInt8]
    private let observer: Observer?

    /// Wraps a key. `algorithms` is what it may sign with, best first; those that do not fit the public key are left out.
    public init(
        _ key: any Key, publicKey: PublicKey, algorithms: [KeyStoreCore.SignatureAlgorithm], observer: Observer? = nil
    ) {
        self.key = key
        self.observer = observer
        fingerprint = publicKey.sha256Fingerprint
        signatureAlgorithms = algorithms.filter(publicKey.type.algorithms.contains)
            .map { NIOSSL.SignatureAlgorithm(rawValue: $0.rawValue) }
    }

    /// Whether TLS 1.3 has an algorithm that this key offers: it takes no PKCS#1 v1.5 (RFC 8446 §4.2.3).
    public var canUseTLS13: Bool {
        signatureAlgorithms.contains { ![0x0401, 0x0501, 0x0601].contains($0.rawValue) }
    }

    /// Signs what the handshake hands over: a message, not a digest of it.
    public func sign(
        channel: any Channel, algorithm: NIOSSL.SignatureAlgorithm, data: ByteBuffer
    ) -> EventLoopFuture<ByteBuffer> {
        let algorithm = KeyStoreCore.SignatureAlgorithm(rawValue: algorithm.rawValue)
        let version = (try? channel.pipeline.syncOperations.handler(type: NIOSSLHandler.self))?.tlsVersion
        let message = Array(data.readableBytesView)
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        let task = promise.completeWithTask { [key, observer] in
            do throws(KeyStoreError) {
                let signature = try await key.sign(message, using: algorithm)
                observer?(Use(tlsVersion: version, algorithm: algorithm))
                return ByteBuffer(bytes: signature)
            } catch {
                observer?(Use(tlsVersion: version, algorithm: algorithm, failure: error))
                throw error
            }
        }
        channel.closeFuture.whenComplete { _ in task.cancel() }
        return promise.futureResult
    }

    /// Refused: RSA key exchange is not offered.
    public func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFailedFuture(
            KeyStoreError(
                .unsupportedOperation, "a key in a store does not decrypt for TLS", operation: "decrypt",
                subject: key.info.uri.text))
    }

    /// Two keys are equal when their public keys and what they offer are; connection pools compare configurations often.
    public static func == (left: TLSPrivateKey, right: TLSPrivateKey) -> Bool {
        left.fingerprint == right.fingerprint && left.signatureAlgorithms == right.signatureAlgorithms
    }

    /// Hashes the public key's fingerprint.
    public func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}
