import KeyStoreCore
import Synchronization

/// The secrets of a batch. Each is asked for once: a PIN for each token, a passphrase for all key files together; and nobody is
/// asked two things at a time.
enum BatchSecrets {
    /// The source for all rows. `whileAsking` runs what may ask a person, and keeps the terminal free for that; `onGivingUp` is
    /// called where the person does not want to answer.
    static func source(
        _ sources: SecretSources, whileAsking: @escaping @Sendable (() -> Void) -> Void,
        onGivingUp: @escaping @Sendable () -> Void
    ) -> PINSource {
        let memory = Memory()
        let source = sources.source
        // One source given for both: what opens key files also protects new ones.
        let isOne = sources.passphrase != nil
        return .callback("the command line") { request throws(KeyStoreError) in
            try memory.answers.withLock { (answers) throws(KeyStoreError) in
                let kind = isOne && request.kind == .newPassphrase ? .passphrase : request.kind
                let isShared = kind == .passphrase || kind == .newPassphrase
                if isShared, let answer = answers[kind] { return try answer.get() }
                var answer: Result<PIN, KeyStoreError> = .failure(KeyStoreError(.cancelled, "nobody was asked"))
                whileAsking {
                    do throws(KeyStoreError) {
                        answer = .success(try source.pin(for: request))
                    } catch {
                        answer = .failure(error)
                        if error.code == .cancelled { onGivingUp() }
                    }
                }
                if isShared { answers[kind] = answer }
                return try answer.get()
            }
        }
    }

    private final class Memory: Sendable {
        let answers = Mutex<[PINRequest.Kind: Result<PIN, KeyStoreError>]>([:])
    }
}
