import KeyStoreCore
import KeyStoreLoader

/// Something that is done to the one token which a reference matches, and which keeps what is on it.
struct TokenChange {
    let reference: String
    /// What was done, before the token's reference.
    let done: String

    /// Does it, and prints which token it was.
    func run(
        _ secrets: SecretSources, in context: CommandContext,
        _ body: (BlockingKeyStore, PINSource) throws(KeyStoreError) -> Void
    ) throws {
        let store = try context.open(
            try KeyStoreURI(reference), for: .administering, lacks: "does not look after tokens")
        try body(store, secrets.source)
        context.report.detail("\(done) \(store.uri.redacted)")
        try context.print("token", [.object([("uri", .string(store.uri.redacted))])], text: "")
    }
}
