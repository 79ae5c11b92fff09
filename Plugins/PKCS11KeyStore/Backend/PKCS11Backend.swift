public import KeyStoreCore
public import KeyStorePlugin
import Synchronization

/// Keys behind any PKCS#11 module, named by `pkcs11:` references: RFC 7512, or the form that OpenZiti's SDKs write.
public final class PKCS11Backend: Backend {
    /// What the backend says of itself.
    public static let info = BackendInfo(
        name: "pkcs11", version: "0.1.0", schemes: ["pkcs11"],
        abilities: [
            .administering, .agreeing, .certificates, .decrypting, .deleting, .importing, .relabelling, .sdkReferences,
            .watching,
        ])

    let uri: PKCS11URI
    private let written: KeyStoreURI
    let search: ModuleSearch
    let quirkSwitches: QuirkSwitches
    private let allowsLastTry: Bool
    let host: any BackendHost
    // Kept so that a login lasts as long as the store, and not only as long as one of its sessions.
    private var connections: [TokenConnection] = []

    /// Reads a reference and gives its RFC 7512 form. Throws `invalidURI` with the reason.
    public static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo {
        let read = try PKCS11URI(uri)
        return URIInfo(normalised: try read.normalForm(), attributes: read.attributes, warnings: read.warnings)
    }

    /// Whether the candidate has every attribute that the pattern asks for, with the same bytes.
    public static func uri(
        _ pattern: KeyStoreURI, matches candidate: KeyStoreURI
    ) throws(KeyStoreError) -> Bool {
        try PKCS11URI(pattern).matches(try PKCS11URI(candidate))
    }

    /// Loads and initialises the modules that the reference, the request or p11-kit's configuration names. Logs in nowhere.
    public init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError) {
        uri = try PKCS11URI(request.uri)
        written = request.uri
        allowsLastTry = request.allowsLastTry
        self.host = host
        quirkSwitches = try QuirkSwitches(uri.switches[.quirks])
        search = try ModuleRegistry.shared.acquire(for: request, uri, quirkSwitches, host: host)
    }

    /// The tokens that the reference matches, module by module.
    public func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError) {
        try ForkGuard.demandSameProcess()
        for slot in try slots(withToken: !all).found {
            guard all || slot.token?.isInitialised == true else { continue }
            var info = try slot.tokenInfo()
            info.properties = slot.properties(quirkSwitches)
            guard body(info) else { return }
        }
    }

    /// Opens a session on the one token that the reference matches. No PIN is asked for while several do.
    public func openSession(
        _ options: SessionOptions, host: any BackendHost
    ) throws(KeyStoreError) -> any BackendSession {
        try ForkGuard.demandSameProcess()
        let slot = try onlyToken()
        let quirks = quirkSwitches.applied(to: try slot.knownQuirks())
        let connection = slot.module.connection(to: slot)
        if !connections.contains(where: { $0 === connection }) { connections.append(connection) }
        return try PKCS11Session.open(connection, options, pinProvider(host), quirks)
    }

    /// Ends the logins that no other store in the process shares, and the modules that none uses.
    public func close() {
        // In a forked process nothing is ours to end, and locks may be held for ever.
        guard !ForkGuard.isForked else { return }
        // Before the modules, because a session cannot be closed behind a module's end.
        connections = []
        search.release()
    }

    /// Where the PINs of a session on one of the store's tokens come from.
    func pinProvider(_ host: any BackendHost) -> PINProvider {
        PINProvider(reference: uri.pin, host: host, allowsLastTry: allowsLastTry, rejected: .shared)
    }

    // MARK: Tokens

    /// The matching slots, and whether all modules could be asked. A module that was named must answer; one of several that
    /// the system configures may fail with a warning.
    private func slots(withToken: Bool) throws(KeyStoreError) -> (found: [Slot], isComplete: Bool) {
        var (found, isComplete) = ([] as [Slot], search.failedCount == 0)
        for module in search.modules {
            do throws(KeyStoreError) {
                found += try matchingSlots(of: module, withToken: withToken)
            } catch {
                guard search.modules.count > 1 else { throw error }
                isComplete = false
                host.notice(.warning("The PKCS#11 module \(module.name) was not searched: \(error)."))
            }
        }
        return (found, isComplete)
    }

    /// A slot that fails hides no other: its failure is one only where nothing matches. A module that has lost its device or
    /// server is begun anew, once.
    private func matchingSlots(of module: Module, withToken: Bool) throws(KeyStoreError) -> [Slot] {
        do throws(KeyStoreError) {
            let found = try askedSlots(of: module, withToken: withToken)
            if !found.isEmpty { return found }
            if try !module.slots(withToken: false).isEmpty { return [] }
        } catch {
            guard SessionLoss(error) != nil else { throw error }
            guard (try? begunAnew(module)) == true else { throw error }
            return try askedSlots(of: module, withToken: withToken)
        }
        // Without any slot, as p11-kit's client has none where it met no server.
        guard (try? begunAnew(module)) == true else { return [] }
        return try askedSlots(of: module, withToken: withToken)
    }

    private func begunAnew(_ module: Module) throws(KeyStoreError) -> Bool {
        try module.healing.withLock { (_) throws(KeyStoreError) in try module.reinitialise(for: nil) }
    }

    private func askedSlots(of module: Module, withToken: Bool) throws(KeyStoreError) -> [Slot] {
        var found: [Slot] = []
        var failure: KeyStoreError?
        for id in try module.slots(withToken: withToken) {
            do throws(KeyStoreError) {
                let slot = try Slot(module, id)
                if try slot.matches(uri) { found.append(slot) }
            } catch {
                failure = error
            }
        }
        if found.isEmpty, let failure { throw failure }
        return found
    }

    /// The one token that the reference matches. `all` counts those that are not initialised too.
    func onlyToken(all: Bool = false) throws(KeyStoreError) -> Slot {
        let (slots, isComplete) = try slots(withToken: true)
        let candidates = slots.filter { all ? $0.token != nil : $0.token?.isInitialised == true }
        if candidates.count == 1 { return candidates[0] }
        guard !candidates.isEmpty else {
            throw KeyStoreError(
                .noSuchToken,
                "no token matches the reference"
                    + (isComplete ? "" : "; not every configured module could be searched"),
                operation: "find token", subject: written.text)
        }
        // Tokens that want no login, such as collections of CA certificates, hold no keys worth one.
        let protected = candidates.filter { $0.token?.needsLogin == true }
        if protected.count == 1, !all { return protected[0] }
        if let hint = uri.slotHint {
            let hinted = candidates.filter { $0.id == hint }
            if hinted.count == 1 { return hinted[0] }
        }
        throw KeyStoreError.ambiguousToken(try Self.distinctURIs(candidates), at: written)
    }

    /// The candidates' references; with the slot where the tokens cannot be told apart otherwise.
    private static func distinctURIs(_ candidates: [Slot]) throws(KeyStoreError) -> [KeyStoreURI] {
        var uris: [KeyStoreURI] = []
        for slot in candidates { uris.append(try slot.uri().normalForm()) }
        let plain = uris
        for (index, slot) in candidates.enumerated() where plain.filter({ $0 == plain[index] }).count > 1 {
            var uri = try slot.uri()
            uri.path[.slotID] = Array(String(slot.id).utf8)
            uris[index] = try uri.normalForm()
        }
        return uris
    }
}
