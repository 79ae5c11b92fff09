import KeyStoreCore
import KeyStoreLoader
import Synchronization
import TemporaryFiles
import Testing

@testable import ZitiHTTP

struct RememberedPassphrasesTests {
    private final class Questions: Sendable {
        private let count = Mutex(0)
        var asked: Int { count.withLock { $0 } }
        var source: PINSource {
            .callback { [self] _ throws(KeyStoreError) in
                count.withLock { $0 += 1 }
                return try PIN("correct horse")
            }
        }
    }

    private func request(_ kind: PINRequest.Kind) -> PINRequest {
        PINRequest(kind: kind, subject: "key.pem", uri: "file:///key.pem")
    }

    @Test func aPassphraseIsAskedForOnceUntilItIsForgotten() throws {
        let questions = Questions()
        let passphrases = RememberedPassphrases(questions.source)
        for _ in 0..<3 { _ = try passphrases.source.pin(for: request(.passphrase)) }
        #expect(questions.asked == 1)
        passphrases.forget()
        for _ in 0..<3 { _ = try passphrases.source.pin(for: request(.passphrase)) }
        #expect(questions.asked == 2)
        passphrases.wipe()
        for _ in 0..<3 { _ = try passphrases.source.pin(for: request(.passphrase)) }
        #expect(questions.asked == 5)
    }

    @Test func aPINIsNotKept() throws {
        let questions = Questions()
        let passphrases = RememberedPassphrases(questions.source)
        for _ in 0..<3 { _ = try passphrases.source.pin(for: request(.pin)) }
        #expect(questions.asked == 3)
    }

    @Test func thePassphraseOfAKeyFileIsAskedForOnceForAllSessions() async throws {
        let folder = TemporaryFolder()
        let uri = try KeyStoreURI("file://\(folder.path)/key.pem")
        let store = try await BackendLoader().open(OpenRequest(uri: uri))
        let questions = Questions()
        let making = try await store.openSession(SessionOptions(isWritable: true), pin: questions.source)
        _ = try await making.generateKey(.ecP256, at: uri)
        await making.close()
        let before = questions.asked
        let passphrases = RememberedPassphrases(questions.source)
        for _ in 0..<3 {
            let session = try await store.openSession(pin: passphrases.source)
            _ = try await session.key(at: uri).sign(.message([1]), using: .ecdsaP256SHA256)
            await session.close()
        }
        #expect(questions.asked == before + 1)
        await store.close()
    }
}
