import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The host, as a backend sees it: each call goes through the host's C functions.
final class BridgedHost: BackendHost {
    private let host: keystore_host

    /// The host keeps what the struct points to until the store or session that it was given to is closed, or the
    /// administration's call is over.
    init(_ host: UnsafePointer<keystore_host>?) throws(KeyStoreError) {
        guard let host, let functions = prefix(of: host, firstVersion: Self.firstVersion) else {
            throw KeyStoreError(.invalidData, "the program passed no host functions, or too few")
        }
        self.host = functions
    }

    /// The struct's size before its first addition.
    private static let firstVersion = MemoryLayout<keystore_host>.offset(of: \.trace)!

    var trace: (@Sendable (String) -> Void)? {
        guard let write = host.trace else { return nil }
        let context = UncheckedContext(pointer: host.context)
        return { line in withBytes(of: line) { write(context.pointer, $0) } }
    }

    /// The host's own pointer, which it has back on whichever thread (header: [any]).
    private struct UncheckedContext: @unchecked Sendable {
        let pointer: UnsafeMutableRawPointer?
    }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        guard let ask = host.secret else {
            throw KeyStoreError(.pinRequired, "the program has no way to ask for a PIN")
        }
        let storage = ErrorStorage()
        var answer: Result<PIN, KeyStoreError>?
        let status = withUnsafeMutablePointer(to: &answer) { slot in
            request.withC { request in
                ask(
                    host.context, request,
                    { context, bytes in
                        // Runs inside the call above, while `answer` is on its stack.
                        let slot = context!.assumingMemoryBound(to: Result<PIN, KeyStoreError>?.self)
                        do throws(KeyStoreError) {
                            slot.pointee = .success(try PIN(bytes.buffer))
                        } catch {
                            slot.pointee = .failure(error)
                        }
                    }, slot, storage.pointer)
            }
        }
        guard status == KEYSTORE_OK else { throw storage.take(status: status) }
        guard let answer else { throw KeyStoreError(.pinRequired, "the program gave no PIN") }
        return try answer.get()
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {
        guard let mayLoad = host.may_load else {
            throw KeyStoreError(.untrustedLibrary, "the program lets no library be loaded, and \(path) is one")
        }
        let storage = ErrorStorage()
        let status = withBytes(of: path) { mayLoad(host.context, $0, origin.rawValue, storage.pointer) }
        guard status == KEYSTORE_OK else { throw storage.take(status: status) }
    }

    func notice(_ notice: Notice) {
        let parts = notice.boundaryParts
        withBytes(of: parts.text) { host.notice?(host.context, parts.kind, $0) }
    }
}
