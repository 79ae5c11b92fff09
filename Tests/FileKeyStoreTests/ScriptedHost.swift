import KeyStoreCore
import KeyStorePlugin

/// A host that answers for a person, and remembers what it was asked and told.
final class ScriptedHost: BackendHost {
    /// The answers by kind; a kind without one has no source.
    var answers: [PINRequest.Kind: String]
    private(set) var requests: [PINRequest] = []
    private(set) var notices: [Notice] = []

    init(_ answers: [PINRequest.Kind: String] = [.newPassphrase: ""]) { self.answers = answers }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        requests.append(request)
        guard let answer = answers[request.kind] else { throw KeyStoreError(.pinRequired, "nobody answers") }
        return try PIN(answer)
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {
        throw KeyStoreError(.untrustedLibrary, "the file backend loads nothing")
    }

    func notice(_ notice: Notice) { notices.append(notice) }

    var warnings: [String] {
        notices.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }
}
