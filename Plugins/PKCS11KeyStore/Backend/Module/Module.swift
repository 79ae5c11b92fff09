import CP11Kit
import KeyStoreCore
import Synchronization

/// A PKCS#11 module in this process, shared by all stores that use it.
///
/// It is initialised when the first store acquires it and finalised when the last one releases it, unless somebody else in
/// the process had initialised it. It is never unloaded: modules leave threads and exit handlers behind.
final class Module: @unchecked Sendable {
    /// Who initialises the module.
    enum Manager {
        /// This backend.
        case own
        /// p11-kit, which counts for all its users in the process, and knows the module's arguments.
        case p11Kit
    }

    private struct Use {
        var count = 0
        var isOurs = false
        /// What this backend has initialised the module with.
        var arguments: String?
    }

    let cryptoki: Cryptoki
    /// The library's file with symbolic links resolved; nil for a module in another process or on another machine.
    let path: String?
    /// What to call it in messages.
    let name: String
    /// Whether the system's configuration names it, so that a reference need not.
    let isConfigured: Bool

    private let manager: Manager
    private let use = Mutex(Use())
    private let quirks = Mutex<Quirks?>(nil)
    // Some modules hand out the same session twice when two threads open one at once, and change their list of slots while
    // it is being asked for.
    private let slotsAndSessions = Mutex(())
    private let connections = Mutex<[WeakConnection]>([])
    /// Held while a token that was lost is looked for, so that one does it for all.
    let healing = Mutex(())

    init(
        _ list: UnsafeMutablePointer<CK_FUNCTION_LIST>, path: String?, name: String, isConfigured: Bool,
        manager: Manager
    ) throws(KeyStoreError) {
        cryptoki = try Cryptoki(list, of: name)
        self.path = path
        self.name = name
        self.isConfigured = isConfigured
        self.manager = manager
    }

    // MARK: Initialisation

    /// Initialises the module for the first user, with arguments if it is one that takes some. Every success is paired with a
    /// `release()`. Throws `busy` where others have initialised it, and with something else.
    func acquire(arguments: String? = nil) throws(KeyStoreError) {
        try use.withLock { use throws(KeyStoreError) in
            if use.count == 0 {
                let result = try initialise(arguments)
                guard result == CKR_OK || result == CKR_CRYPTOKI_ALREADY_INITIALIZED else {
                    throw Self.failure(result, of: name, arguments)
                }
                use.isOurs = result == CKR_OK
                use.arguments = use.isOurs ? arguments : nil
            }
            guard arguments == nil || arguments == use.arguments else {
                throw KeyStoreError(
                    .busy, "the PKCS#11 module \(name) is in use in this process already, with other arguments",
                    operation: "initialise module")
            }
            use.count += 1
        }
    }

    private static func failure(_ result: CK_RV, of name: String, _ arguments: String?) -> KeyStoreError {
        var error = KeyStoreError.pkcs11(result, "C_Initialize", during: "initialise module")
        error.message = "the PKCS#11 module \(name) cannot be initialised"
        if result == CKR_ARGUMENTS_BAD {
            error.message += arguments == nil ? "; it may want module arguments" : " with these module arguments"
        }
        return error
    }

    /// Finalises the module after its last user, where this backend initialised it.
    func release() {
        use.withLock { use in
            use.count -= 1
            guard use.count == 0, use.isOurs else { return }
            connections.withLock { connections in
                for connection in connections { connection.connection?.forgetAll() }
                connections = []
            }
            finalise()
        }
    }

    private func finalise() {
        _ = manager == .own ? cryptoki.finalize(nil) : p11_kit_module_finalize(cryptoki.list)
    }

    private func initialise(_ arguments: String?) throws(KeyStoreError) -> CK_RV {
        guard manager == .p11Kit else { return InitializeArguments.initialize(cryptoki.initialize, text: arguments) }
        guard arguments == nil else {
            throw KeyStoreError(
                .unsupportedOperation,
                "p11-kit initialises the module \(name), with the arguments in its module file (x-init-reserved); name it by "
                    + "its path to give it others", operation: "initialise module")
        }
        return p11_kit_module_initialize(cryptoki.list)
    }

    /// How the module is known to deviate from the standard. Asked for once.
    func knownQuirks() throws(KeyStoreError) -> Quirks {
        try quirks.withLock { quirks throws(KeyStoreError) in
            if let quirks { return quirks }
            let known = Quirks.known(of: try library()).union(.known(at: path))
            quirks = known
            return known
        }
    }

    // MARK: Slots and sessions

    /// The slots, as the module sees them now.
    func slots(withToken: Bool) throws(KeyStoreError) -> [CK_SLOT_ID] {
        let present = withToken ? CK_BBOOL(1) : CK_BBOOL(0)
        return try slotsAndSessions.withLock { _ throws(KeyStoreError) in
            // A module looks for new slots when it is asked for their number. The number may grow before they are asked for.
            for _ in 0..<4 {
                var count: CK_ULONG = 0
                try Cryptoki.check(cryptoki.getSlotList(present, nil, &count), "C_GetSlotList", during: "list slots")
                guard count <= Self.maximumSlotCount else {
                    throw KeyStoreError(
                        .invalidReply, "the PKCS#11 module \(name) says that it has \(count) slots",
                        operation: "list slots")
                }
                var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
                let capacity = count
                let result = cryptoki.getSlotList(present, &slots, &count)
                if result == CKR_BUFFER_TOO_SMALL { continue }
                try Cryptoki.check(result, "C_GetSlotList", during: "list slots")
                return Array(slots.prefix(Int(min(count, capacity))))
            }
            throw KeyStoreError(
                .invalidReply, "the number of slots of the PKCS#11 module \(name) does not settle",
                operation: "list slots")
        }
    }

    /// Opens a session. The handle is closed with `close(_:)`.
    func openSession(on slot: CK_SLOT_ID, isWritable: Bool) throws(KeyStoreError) -> CK_SESSION_HANDLE {
        var handle: CK_SESSION_HANDLE = 0
        let flags = CKF_SERIAL_SESSION | (isWritable ? CKF_RW_SESSION : 0)
        let result = slotsAndSessions.withLock { _ in cryptoki.openSession(slot, flags, nil, nil, &handle) }
        try Cryptoki.check(result, "C_OpenSession", during: "open session")
        return handle
    }

    func close(_ handle: CK_SESSION_HANDLE) {
        slotsAndSessions.withLock { _ in _ = cryptoki.closeSession(handle) }
    }

    /// The state of a session (CKS_…), or nil for one that has ended.
    func state(of handle: CK_SESSION_HANDLE) -> CK_STATE? {
        guard let getSessionInfo = cryptoki.list.pointee.C_GetSessionInfo else { return nil }
        var info = CK_SESSION_INFO()
        return getSessionInfo(handle, &info) == CKR_OK ? info.state : nil
    }

    /// Whether a session is over. Of a module that cannot be asked nothing is known.
    func hasEnded(_ handle: CK_SESSION_HANDLE) -> Bool {
        cryptoki.list.pointee.C_GetSessionInfo != nil && state(of: handle) == nil
    }

    /// Whether the token in a session answers. A token that makes no random numbers is taken to.
    func answers(_ handle: CK_SESSION_HANDLE) -> Bool {
        guard let generateRandom = cryptoki.list.pointee.C_GenerateRandom else { return true }
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        switch generateRandom(handle, &bytes, CK_ULONG(bytes.count)) {
        case CK_RV(CKR_OK), CK_RV(CKR_FUNCTION_NOT_SUPPORTED), CK_RV(CKR_RANDOM_NO_RNG), CK_RV(CKR_USER_NOT_LOGGED_IN),
            CK_RV(CKR_OPERATION_ACTIVE):
            return true
        default: return false
        }
    }

    /// The connection to the token in a slot: one for all stores in the process, because a login counts for all of them.
    func connection(to slot: Slot) -> TokenConnection {
        connections.withLock { connections in
            connections.removeAll { $0.connection == nil }
            if let present = connections.lazy.compactMap(\.connection).first(where: {
                $0.isFor(slot) && $0.slot.id == slot.id
            }) {
                return present
            }
            let made = TokenConnection(slot)
            connections.append(WeakConnection(connection: made))
            return made
        }
    }

    /// Ends the module and begins it anew, for modules that find a device or server again in no other way. Every session and
    /// login in it is lost, and heals as it is used next. False where that is not ours to do: somebody else initialised the
    /// module, or operations are under way that do not end. Called with `healing` held.
    func reinitialise() throws(KeyStoreError) -> Bool {
        guard use.withLock({ $0.count > 0 && $0.isOurs }) else { return false }
        let open = connections.withLock { $0.compactMap(\.connection) }
        var suspended: [TokenConnection] = []
        defer { for connection in suspended { connection.pool.resume() } }
        for connection in open {
            guard connection.pool.suspend(milliseconds: Self.quietLimitMilliseconds) else { return false }
            suspended.append(connection)
        }
        for connection in open { connection.forgetAll() }
        let result = slotsAndSessions.withLock { _ in
            finalise()
            return initialise()
        }
        guard result == CKR_OK || result == CKR_CRYPTOKI_ALREADY_INITIALIZED else {
            throw KeyStoreError.pkcs11(result, "C_Initialize", during: "initialise module again")
        }
        return true
    }

    private static let maximumSlotCount: CK_ULONG = 4096
    /// How long operations that are under way are waited for, before the module begins anew.
    private static let quietLimitMilliseconds = 2000

    private struct WeakConnection {
        weak var connection: TokenConnection?
    }
}
