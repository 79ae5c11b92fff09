/// Being told when tokens come and go.
public protocol TokenWatching: Sendable {
    /// The tokens that the store's URI matches: those that are there, as inserted, and then every change. The watching ends
    /// when nobody iterates any more, within a tenth of a second or when the device answers.
    func tokenEvents() -> AsyncThrowingStream<TokenEvent, any Error>
}
