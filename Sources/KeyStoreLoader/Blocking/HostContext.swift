import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The host's side of one store or session: what a plugin may ask, as C functions. Kept until that is closed,
/// or for one call of the administration.
final class HostContext: @unchecked Sendable {
    // Written once, in init; the plugin calls the functions on the thread of the operation, and `trace` on any.
    let pointer: UnsafeMutablePointer<keystore_host>
    private let pin: PINSource
    private let policy: LibraryPolicy
    private let listener: HostListener

    init(pin: PINSource, policy: LibraryPolicy, listener: HostListener) {
        self.pin = pin
        self.policy = policy
        self.listener = listener
        pointer = .allocate(capacity: 1)
        var host = keystore_host()
        host.size = UInt32(MemoryLayout<keystore_host>.size)
        // Unretained: the store, session or call that keeps this object outlives every call the plugin makes.
        host.context = Unmanaged.passUnretained(self).toOpaque()
        host.secret = { context, request, receive, receiveContext, error in
            HostContext.report(to: error) { () throws(KeyStoreError) in
                let host = try HostContext.at(context)
                guard let request, let receive else {
                    throw KeyStoreError(.invalidData, "the plugin asked for a secret without saying which, or for whom")
                }
                let secret = try host.pin.pin(for: try PINRequest(checking: request))
                secret.withBytes { receive(receiveContext, keystore_bytes($0)) }
            }
        }
        host.may_load = { context, path, origin, error in
            HostContext.report(to: error) { () throws(KeyStoreError) in
                let host = try HostContext.at(context)
                guard let origin = LibraryOrigin(rawValue: origin) else {
                    throw KeyStoreError(.untrustedLibrary, "the plugin does not say who named a library")
                }
                try host.policy.check(try path.text("a library's path", limit: 4096), origin: origin)
            }
        }
        host.notice = { context, kind, text in
            guard let host = try? HostContext.at(context) else { return }
            host.listener.onNotice(Notice(kind: kind, text: text))
        }
        if listener.onTrace != nil {
            host.trace = { context, line in
                guard let host = try? HostContext.at(context) else { return }
                host.listener.onTrace?(String(decoding: line.buffer.prefix(65536), as: UTF8.self))
            }
        }
        pointer.initialize(to: host)
    }

    deinit { pointer.deallocate() }

    private static func at(_ context: UnsafeMutableRawPointer?) throws(KeyStoreError) -> HostContext {
        guard let context else { throw KeyStoreError(.invalidData, "the plugin called its host without the context") }
        return Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
    }

    private static func report(
        to storage: UnsafeMutablePointer<keystore_error>?, _ body: () throws(KeyStoreError) -> Void
    ) -> Int32 {
        do {
            try body()
            return KEYSTORE_OK
        } catch {
            return error.report(to: storage)
        }
    }
}
