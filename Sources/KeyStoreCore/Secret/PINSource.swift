/// Where a PIN or passphrase comes from. It is asked when a backend needs the secret, and not before; after a lost session
/// it is asked again. A source is called on the thread that the store works on, and may block it.
public struct PINSource: Sendable, CustomStringConvertible {
    /// What the source is, for messages: "the terminal", "the file /run/pin".
    public let description: String
    private let answer: @Sendable (PINRequest) throws(KeyStoreError) -> PIN

    /// A source that asks the calling program. The closure throws `pinRequired` if it has no answer, `cancelled` if the
    /// person gave up.
    public static func callback(
        _ description: String = "the program",
        _ answer: @escaping @Sendable (PINRequest) throws(KeyStoreError) -> PIN
    ) -> PINSource {
        PINSource(description: description, answer: answer)
    }

    /// No source: whatever needs a PIN fails with `pinRequired`.
    public static let none = PINSource(description: "no source") { request throws(KeyStoreError) in
        throw KeyStoreError(
            .pinRequired, "\(request.subject) needs a PIN or passphrase, and no source for one was given",
            operation: "ask for a secret", subject: request.uri)
    }

    /// A secret that the program already holds.
    public static func value(_ pin: PIN) -> PINSource {
        PINSource(description: "the program") { _ throws(KeyStoreError) in pin }
    }

    /// Asks for the secret. Throws what the source throws.
    public func pin(for request: PINRequest) throws(KeyStoreError) -> PIN { try answer(request) }
}
