import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// One module as a watch sees it: the tokens that were there when it looked last.
final class WatchedModule {
    private let module: Module
    private let switches: QuirkSwitches
    private let host: any BackendHost
    private var known: [(slot: Slot, info: TokenInfo)] = []
    private var hasLooked = false
    private var isFailing = false
    /// How many looks are left out while the module says that nothing has happened.
    private var skipped = 0
    private var lastReinitialisation: ContinuousClock.Instant?

    init(_ module: Module, _ switches: QuirkSwitches, host: any BackendHost) {
        self.module = module
        self.switches = switches
        self.host = host
    }

    /// Looks once, and tells what has changed. A module that fails is warned about once, and its tokens are gone until it
    /// answers again.
    func look(_ isWanted: (Slot) throws(KeyStoreError) -> Bool, _ body: (TokenEvent) -> Void) {
        guard mustLook() else { return }
        do throws(KeyStoreError) {
            tell(try present(isWanted), body)
            isFailing = false
            if try module.slots(withToken: false).isEmpty { beginAnew() }
        } catch {
            tell([], body)
            if !isFailing {
                host.notice(.warning("The PKCS#11 module \(module.name) cannot be watched now: \(error)."))
            }
            isFailing = true
            if SessionLoss(error) != nil { beginAnew() }
        }
    }

    private func tell(_ seen: [(slot: Slot, info: TokenInfo)], _ body: (TokenEvent) -> Void) {
        var (present, new) = (seen, [] as [TokenInfo])
        var gone = known
        for index in present.indices {
            let slot = present[index].slot
            if let known = gone.firstIndex(where: { $0.slot.id == slot.id && $0.slot.hasSameToken(as: slot) }) {
                present[index].info.properties = gone.remove(at: known).info.properties
            } else {
                // Asked once, and not at each look.
                present[index].info.properties = slot.properties(switches)
                new.append(present[index].info)
            }
        }
        known = present
        // A token that took another one's place comes after that one went.
        for token in gone { body(.removed(token.info)) }
        for token in new { body(.inserted(token)) }
    }

    private func present(
        _ isWanted: (Slot) throws(KeyStoreError) -> Bool
    ) throws(KeyStoreError) -> [(slot: Slot, info: TokenInfo)] {
        var present: [(slot: Slot, info: TokenInfo)] = []
        for id in try module.slots(withToken: true) {
            let slot: Slot
            do throws(KeyStoreError) {
                slot = try Slot(module, id)
            } catch {
                // It went while the module was being asked.
                if error.code == .tokenRemoved { continue }
                throw error
            }
            guard slot.token?.isInitialised == true, try isWanted(slot) else { continue }
            present.append((slot, try slot.tokenInfo()))
        }
        return present
    }

    /// Asks the module for events, which costs less than a look. One that says "none" is looked at less often, and not never:
    /// some always say so.
    private func mustLook() -> Bool {
        guard hasLooked, !isFailing else {
            hasLooked = true
            return true
        }
        var slot: CK_SLOT_ID = 0
        if module.cryptoki.takeSlotEvent(&slot) == CKR_NO_EVENT, skipped < Self.maximumSkipped {
            skipped += 1
            return false
        }
        skipped = 0
        return true
    }

    /// Begins a module anew that has lost its device or server, or has not found one yet and so has no slot at all: some look
    /// for it at no other time. Once a second at most.
    private func beginAnew() {
        let now = ContinuousClock.now
        if let last = lastReinitialisation, now - last < .seconds(1) { return }
        lastReinitialisation = now
        // Not where somebody is looking for a token already.
        _ = module.healing.withLockIfAvailable { _ in _ = try? module.reinitialise(for: nil) }
    }

    private static let maximumSkipped = 4
}
