/// Something a backend tells the person while it works.
public enum Notice: Hashable, Sendable {
    /// Something worth knowing; the operation goes on. A whole sentence, without secrets.
    case warning(String)
    /// The device waits for a touch, for the purpose named.
    case touchAwaited(String)
    /// The device waits for a PIN on its own pad.
    case pinPadAwaited(String)
    /// What was awaited has happened, or never will.
    case awaitedDone(String)
}
