import KeyStoreCore
import KeyStorePlugin

/// A reader as a watch saw it last.
final class WatchedReader {
    private(set) var state: ReaderState
    private var token: TokenInfo?
    private var isKnown = false

    init(_ state: ReaderState) { self.state = state }

    /// Whether there is a card that could not be looked at, as when another program has it for itself.
    var isUnread: Bool { state.hasCard && !isKnown }

    /// Whether the card that was there is gone, though another one may be there, or the same one again.
    func hasChanged(to new: ReaderState) -> Bool {
        !new.hasCard || new.eventCount != state.eventCount
    }

    /// Tells that the token is gone.
    func leave(_ body: (TokenEvent) -> Void) {
        isKnown = false
        guard let token else { return }
        self.token = nil
        body(.removed(token))
    }

    /// Looks at a card that is there and was not looked at.
    func look(
        _ new: ReaderState, _ manager: ResourceManager, _ search: TokenSearch, _ body: (TokenEvent) -> Void
    ) {
        state = new
        guard new.hasCard, !isKnown else { return }
        do throws(KeyStoreError) {
            let card = try Card(in: new.name, manager, trace: search.host.trace)
            let found = try FoundToken(card, isShared: new.isInUse, readsGUID: search.uri.guid != nil)
            isKnown = true
            guard found.matches(search.uri) else { return }
            let info = try found.info()
            token = info
            body(.inserted(info))
        } catch {
            // A card of another kind stays one.
            isKnown = error.code == .noSuchToken
        }
    }
}
