import KeyStoreCore
import KeyStoreLoader

/// Asks a person before everything on a token is lost.
enum TokenLoss {
    /// Returns if the answer is yes, and the token is still the one that was asked about.
    static func confirm(_ verb: String, _ operation: String, _ store: BlockingKeyStore, mayAsk: Bool) throws {
        let token = try onlyToken(of: store, operation)
        try Confirmation.ask(question(verb, token), unless: "--yes", mayAsk: mayAsk)
        // A person takes their time, and it is this token that they agreed to lose.
        guard try onlyToken(of: store, operation) == token else {
            throw KeyStoreError(
                .identityChanged, "another token is there than the one that was asked about; nothing was done",
                operation: operation, subject: store.uri.text)
        }
    }

    /// The token that would be changed. Empty slots, which describe nothing, do not count.
    private static func onlyToken(of store: BlockingKeyStore, _ operation: String) throws(KeyStoreError) -> TokenInfo {
        let tokens = try store.tokens(all: true).filter { !$0.model.isEmpty || !$0.manufacturer.isEmpty }
        guard let token = tokens.first else {
            throw KeyStoreError(
                .noSuchToken, "no token matches the reference", operation: operation, subject: store.uri.text)
        }
        guard tokens.count == 1 else {
            let candidates = tokens.map { "\n  \($0.uri.redacted)" }.joined()
            throw KeyStoreError(
                .ambiguousToken, "\(tokens.count) tokens match the reference:\(candidates)",
                operation: operation, subject: store.uri.text)
        }
        return token
    }

    private static func question(_ verb: String, _ token: TokenInfo) -> String {
        let model = [token.model, token.serial].filter { !$0.isEmpty }.joined(separator: ", serial ")
        let name = token.label.isEmpty ? token.location : "'\(token.label)'"
        let question = "\(verb) the token \(name) (\(model)), \(token.uri.redacted)?"
        let isNew = !token.flags.contains(.initialised)
        return (isNew ? question : "\(question) Every key on it is destroyed.").replacingNewlines
    }
}
