import KeyStoreCore
import KeyStoreLoader
import Synchronization

/// The secrets of all paths. Each is asked for once, however often its path is opened; and where the command line names a
/// source, what that gives serves every path.
final class ComparisonSecrets: Sendable {
    private let source: PINSource
    private let sharesPIN: Bool
    private let sharesPassphrase: Bool
    private let known = Mutex<[String: PIN]>([:])

    init(pin: SecretChoice?, passphrase: SecretChoice?, mayAsk: Bool) {
        source = SecretSources(pin: pin, passphrase: passphrase, mayAsk: mayAsk).source
        sharesPIN = pin != nil
        sharesPassphrase = passphrase != nil
    }

    /// The source for a path. `token` says whose PIN it is: paths of the same one share it.
    func source(for token: String) -> PINSource {
        .callback("the command line") { [self] request throws(KeyStoreError) in
            // One command is one action, and its first rejection ends it: what is known here was accepted, or never sent.
            if let pin = self.known(request, token) { return pin }
            let pin = try source.pin(for: request)
            known.withLock { $0[self.name(of: request, token)] = pin }
            return pin
        }
    }

    /// A source that gives a wrong secret, once, to whoever has been given the right one before. `wasAsked` answers whether it
    /// has.
    func wrongSource(for token: String) -> (source: PINSource, wasAsked: @Sendable () -> Bool) {
        let asked = Asked()
        let source = PINSource.callback("a wrong secret") { [self] request throws(KeyStoreError) in
            guard !asked.flag.exchange(true, ordering: .relaxed), let right = self.known(request, token) else {
                throw KeyStoreError(.pinRequired, "a wrong secret is sent once, and only where the right one is known")
            }
            return try Self.changed(right)
        }
        return (source, { asked.flag.load(ordering: .relaxed) })
    }

    /// Whether a path of this token has asked for a secret.
    func hasSecret(for token: String) -> Bool {
        known.withLock { known in
            [PINRequest.Kind.pin, .passphrase].contains { kind in
                known.keys.contains { $0.hasPrefix(prefix(of: kind, token)) }
            }
        }
    }

    private final class Asked: Sendable {
        let flag = Atomic(false)
    }

    private func known(_ request: PINRequest, _ token: String) -> PIN? {
        known.withLock { $0[name(of: request, token)] }
    }

    private func name(of request: PINRequest, _ token: String) -> String {
        // The PIN that opened a session is the one that single operations ask for again.
        let kind = request.kind == .contextPIN ? .pin : request.kind
        let isFile = kind == .passphrase && !sharesPassphrase
        return prefix(of: kind, token) + (isFile ? request.subject : "")
    }

    private func prefix(of kind: PINRequest.Kind, _ token: String) -> String {
        let isShared = kind == .passphrase ? sharesPassphrase : sharesPIN
        return "\(kind.rawValue) \(isShared ? "" : token) "
    }

    /// A secret of the same length and, for digits, of the same kind, so that it is the token that rejects it.
    private static func changed(_ right: PIN) throws(KeyStoreError) -> PIN {
        guard !right.isEmpty else { return try PIN("0") }
        return try right.withBytes { (bytes) throws(KeyStoreError) in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
            defer {
                PIN.wipe(copy)
                copy.deallocate()
            }
            copy.copyMemory(from: bytes)
            copy[bytes.count - 1] ^= 1
            return try PIN(UnsafeRawBufferPointer(copy))
        }
    }
}
