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

    /// Initialises the module for the first user, with arguments if it is one that takes some, and tells the trace of every
    /// call. Every success is paired with a `release(_:)` with the same trace. Throws `busy` where others have initialised it,
    /// and with something else.
    func acquire(_ trace: CallTrace? = nil, arguments: String? = nil) throws(KeyStoreError) {
        try ForkGuard.begin()
        if let trace { cryptoki.attach(trace) }
        do throws(KeyStoreError) {
            try initialiseForFirstUser(arguments)
        } catch {
            if let trace { cryptoki.detach(trace) }
            ForkGuard.end()
            throw error
        }
    }

    private func initialiseForFirstUser(_ arguments: String?) throws(KeyStoreError) {
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
        if result == CKR_CANT_LOCK {
            error.message += " by p11-kit, as it leaves locking to its user; name it by its path"
        }
        if result == CKR_ARGUMENTS_BAD {
            error.message += arguments == nil ? "; it may want module arguments" : " with these module arguments"
        }
        return error
    }

    /// Finalises the module after its last user, where this backend initialised it.
    func release(_ trace: CallTrace? = nil) {
        // Nothing here is a forked process's to end.
        guard !ForkGuard.isForked else { return }
        use.withLock { use in
            use.count -= 1
            guard use.count == 0, use.isOurs else { return }
            connections.withLock { connections in
                for connection in connections { connection.connection?.forgetAll() }
                connections = []
            }
            finalise()
        }
        if let trace { cryptoki.detach(trace) }
        ForkGuard.end()
    }

    private func finalise() {
        _ = manager == .own ? cryptoki.finalize() : cryptoki.finalizeByP11Kit()
    }

    private func initialise(_ text: String?) throws(KeyStoreError) -> CK_RV {
        if manager == .p11Kit {
            guard text == nil else {
                throw KeyStoreError(
                    .unsupportedOperation,
                    "p11-kit initialises the module \(name), with the arguments in its module file (x-init-reserved); name it "
                        + "by its path to give it others", operation: "initialise module")
            }
            return cryptoki.initializeByP11Kit()
        }
        // Locking is decided for the life of the process by whoever initialises first in some modules, so nothing else is
        // ever tried before; and other flags are refused by others.
        let arguments = InitializeArguments(text: text)
        let result = arguments.withPointer(flags: CKF_OS_LOCKING_OK) { cryptoki.initialize($0) }
        guard result == CKR_CANT_LOCK else { return result }
        // The module leaves locking to its user (PKCS #11 2.40 §5.4): without flags it is one for a single thread at a time.
        cryptoki.serialiseCalls()
        return text == nil ? cryptoki.initialize(nil) : arguments.withPointer(flags: 0) { cryptoki.initialize($0) }
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
        let result = slotsAndSessions.withLock { _ in cryptoki.openSession(slot, flags, &handle) }
        try Cryptoki.check(result, "C_OpenSession", during: "open session")
        return handle
    }

    func close(_ handle: CK_SESSION_HANDLE) {
        slotsAndSessions.withLock { _ in _ = cryptoki.closeSession(handle) }
    }

    /// Whether no user is logged in to the token of a session. Of a module that cannot be asked nothing is known.
    func isLoggedOut(_ handle: CK_SESSION_HANDLE) -> Bool {
        var info = CK_SESSION_INFO()
        guard cryptoki.getSessionInfo(handle, &info) == CKR_OK else { return false }
        return info.state != CKS_RO_USER_FUNCTIONS && info.state != CKS_RW_USER_FUNCTIONS
    }

    /// Whether a session is over. Of a module that cannot be asked nothing is known.
    func hasEnded(_ handle: CK_SESSION_HANDLE) -> Bool {
        var info = CK_SESSION_INFO()
        let result = cryptoki.getSessionInfo(handle, &info)
        return result != CKR_OK && result != CKR_FUNCTION_NOT_SUPPORTED
    }

    /// Whether the token in a session answers. A token that makes no random numbers is taken to.
    func answers(_ handle: CK_SESSION_HANDLE) -> Bool {
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        switch cryptoki.generateRandom(handle, &bytes, CK_ULONG(bytes.count)) {
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
        let (isOurs, arguments) = use.withLock { ($0.count > 0 && $0.isOurs, $0.arguments) }
        guard isOurs else { return false }
        let open = connections.withLock { $0.compactMap(\.connection) }
        var suspended: [TokenConnection] = []
        defer { for connection in suspended { connection.pool.resume() } }
        for connection in open {
            guard connection.pool.suspend(milliseconds: Self.quietLimitMilliseconds) else { return false }
            suspended.append(connection)
        }
        for connection in open { connection.forgetAll() }
        let result = try slotsAndSessions.withLock { _ throws(KeyStoreError) in
            finalise()
            return try initialise(arguments)
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
