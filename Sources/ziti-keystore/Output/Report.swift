import KeyStoreCore

/// What a command tells beside its result: on standard error, one line each.
struct Report: Sendable {
    let isVerbose: Bool

    /// Something that a person should know; the command goes on.
    func warning(_ text: String) { StandardStream.tell("warning: \(text)") }

    /// Something about the result.
    func note(_ text: String) { StandardStream.tell("note: \(text)") }

    /// Something that only `--verbose` shows.
    func detail(_ text: @autoclosure () -> String) {
        if isVerbose { StandardStream.tell(text()) }
    }

    /// What a backend tells.
    func notice(_ notice: Notice) {
        switch notice {
        case .warning(let text): warning(text)
        case .touchAwaited(let purpose): StandardStream.tell("touch the device: \(purpose)")
        case .pinPadAwaited(let purpose): StandardStream.tell("enter the PIN on the device: \(purpose)")
        case .awaitedDone(let purpose): detail("done: \(purpose)")
        }
    }
}
