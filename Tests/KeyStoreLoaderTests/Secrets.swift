import KeyStoreCore
import Synchronization

/// Answers each kind of secret with its own, and remembers what was asked for.
final class Secrets: Sendable {
    private let state: Mutex<(answers: [PINRequest.Kind: String], asked: [PINRequest.Kind])>

    init(_ answers: [PINRequest.Kind: String]) { state = Mutex((answers, [])) }

    var answers: [PINRequest.Kind: String] {
        get { state.withLock { $0.answers } }
        set { state.withLock { $0.answers = newValue } }
    }

    var asked: [PINRequest.Kind] { state.withLock { $0.asked } }

    var source: PINSource {
        .callback { [self] request throws(KeyStoreError) in
            let answer = state.withLock { state in
                state.asked.append(request.kind)
                return state.answers[request.kind]
            }
            guard let answer else { throw KeyStoreError(.pinRequired, "there is no answer") }
            return try PIN(answer)
        }
    }
}
