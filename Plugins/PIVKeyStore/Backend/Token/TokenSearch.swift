import KeyStoreCore
import KeyStorePlugin

/// Looks for tokens in the readers that there are.
struct TokenSearch {
    let uri: PIVURI
    /// How long other programs are waited for.
    let limit: Duration
    let host: any BackendHost

    let rejected: RejectedPINs = .shared

    /// What was met in the readers.
    private struct Findings {
        var found: [FoundToken] = []
        /// Tokens that are another one than is asked for.
        var others: [FoundToken] = []
        /// What hid cards that might have been the one.
        var failures: [KeyStoreError] = []
        var cardsWithoutApplet: [KeyStoreError] = []
        /// Cards that went away while they were looked at.
        var removals: [KeyStoreError] = []
        var readerCount = 0
    }

    /// Calls `body` with each token that the reference matches, until it answers false. One that cannot be looked at is told
    /// as a warning where others were found.
    func forEach(_ body: (FoundToken) throws(KeyStoreError) -> Bool) throws(KeyStoreError) {
        let findings = try look(stopsAtFirst: false)
        for token in findings.found { if try !body(token) { break } }
        if findings.found.isEmpty, let failure = findings.failures.first { throw failure }
        for failure in findings.failures { host.notice(.warning("A card was not looked at: \(failure).")) }
    }

    /// The one token that the reference matches.
    func only() throws(KeyStoreError) -> FoundToken {
        let findings = try look(stopsAtFirst: uri.serial != nil || uri.guid != nil)
        if findings.found.count > 1 {
            if let reader = uri.reader {
                let hinted = findings.found.filter { $0.card.reader == reader }
                if hinted.count == 1 { return hinted[0] }
            }
            var candidates: [KeyStoreURI] = []
            for token in findings.found { candidates.append(try token.identity.uri(uri.slot)) }
            throw KeyStoreError.ambiguousToken(candidates, at: try uri.normalForm())
        }
        if let token = findings.found.first {
            // What another program has for itself might have been a second one.
            if uri.serial == nil, uri.guid == nil, let busy = findings.failures.first(where: { $0.code == .busy }) {
                throw busy
            }
            return token
        }
        throw try reason(findings)
    }

    /// The readers without a card.
    func emptyReaders() throws(KeyStoreError) -> [String] {
        let manager = try ResourceManager(waitingAtMost: limit)
        return try manager.states(of: try manager.readers()).filter { !$0.hasCard && !$0.hasMuteCard }.map(\.name)
    }

    /// Finds the device again that was there before. Throws `identityChanged` where another one is in its place.
    func again(_ identity: Identity) throws(KeyStoreError) -> FoundToken {
        let search = TokenSearch(
            uri: PIVURI(serial: identity.serial, reader: identity.reader), limit: limit, host: host)
        let findings = try search.look(stopsAtFirst: true)
        if let token = findings.found.first(where: { $0.identity.isSameDevice(as: identity) }) { return token }
        if let failure = findings.failures.first { throw failure }
        if let other = (findings.others + findings.found).first(where: { $0.card.reader == identity.reader }) {
            throw KeyStoreError(
                .identityChanged, "another device is in its place: \(other.identity.label); nothing was sent to it",
                operation: "find token again", subject: (try? identity.uri().text) ?? "")
        }
        throw KeyStoreError(
            .tokenRemoved, "the token is not there", operation: "find token again",
            subject: (try? identity.uri().text) ?? "")
    }

    // MARK: Looking

    private func look(stopsAtFirst: Bool) throws(KeyStoreError) -> Findings {
        let manager = try ResourceManager(waitingAtMost: limit)
        var findings = Findings()
        let readers = try manager.readers()
        findings.readerCount = readers.count
        var states = try manager.states(of: readers)
        // The one that is likely to be the right one comes first.
        if let reader = uri.reader, let index = states.firstIndex(where: { $0.name == reader }) {
            states.swapAt(0, index)
        }
        var current: ResourceManager? = manager
        for state in states {
            guard state.hasCard || state.hasMuteCard else { continue }
            do throws(KeyStoreError) {
                let usable = if let current { current } else { try ResourceManager(waitingAtMost: limit) }
                current = usable
                let token = try FoundToken(
                    try Card(in: state.name, usable, trace: host.trace), isShared: state.isInUse,
                    readsGUID: uri.guid != nil)
                if token.matches(uri) {
                    findings.found.append(token)
                    if stopsAtFirst { break }
                } else {
                    findings.others.append(token)
                }
            } catch {
                // A wait that was given up has used the connection up.
                if current?.limit.hasFired == true { current = nil }
                if error.code == .noSuchToken {
                    findings.cardsWithoutApplet.append(error)
                } else if error.code == .tokenRemoved {
                    findings.removals.append(error)
                } else {
                    findings.failures.append(error)
                }
            }
        }
        return findings
    }

    /// Why nothing was found, in the order in which a person would look.
    private func reason(_ findings: Findings) throws(KeyStoreError) -> KeyStoreError {
        let subject = try uri.normalForm().text
        func none(_ message: String) -> KeyStoreError {
            KeyStoreError(.noSuchToken, message, operation: "find token", subject: subject)
        }
        if let failure = findings.failures.first { return failure.during("find token", of: subject) }
        if findings.readerCount == 0 {
            return KeyStoreError.pcsc(.noReadersAvailable, "SCardListReaders", during: "find token").during(
                "find token", of: subject)
        }
        if !findings.others.isEmpty {
            let there = findings.others.map(\.identity.label).joined(separator: ", ")
            return none("the token that the reference names is not there; there is \(there)")
        }
        if let error = findings.removals.first { return error.during("find token", of: subject) }
        if let error = findings.cardsWithoutApplet.first { return error.during("find token", of: subject) }
        return none(
            findings.readerCount == 1
                ? "the card reader is empty" : "all \(findings.readerCount) card readers are empty")
    }
}
