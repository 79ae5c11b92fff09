import Dispatch
import KeyStoreCore
import KeyStoreLoader
import Synchronization

/// Prints tokens as they come and go, until the process ends or nobody reads.
final class TokenWatch: Sendable {
    /// How long one wait takes at most, in milliseconds: how soon it is seen that nobody reads any more.
    private static let waitMilliseconds: UInt32 = 500

    private let context: CommandContext
    /// Held while a line is written: several stores are watched at once.
    private let output = Mutex(())
    private let failures = Mutex<[KeyStoreError]>([])

    init(_ context: CommandContext) { self.context = context }

    /// Watches one store on the calling thread. Throws what ends the watching.
    func follow(_ store: BlockingKeyStore) throws {
        let watch = try store.makeWatch()
        while true {
            for event in try watch.wait(milliseconds: Self.waitMilliseconds) { try print(event) }
            try StandardStream.demandReader()
        }
    }

    /// Watches every installed backend that can, each on a thread of its own. One that cannot is a note, one that fails a
    /// warning. With none left, throws the first one's failure.
    func followAll() throws {
        var stores: [BlockingKeyStore] = []
        try InstalledStores(context: context).forEach { (store) throws(KeyStoreError) in
            if store.backend.abilities.contains(.watching) {
                stores.append(store)
            } else {
                context.report.note("the backend '\(store.backend.name)' does not tell when tokens come and go")
            }
        }
        let end = DispatchSemaphore(value: 0)
        for store in stores {
            BackgroundThread.start(for: "watching tokens") { [self] in
                do {
                    try follow(store)
                } catch let error as KeyStoreError {
                    context.report.warning(
                        "The backend '\(store.backend.name)' is not watched any more: \(error.message).")
                    failures.withLock { $0.append(error) }
                } catch {
                    Ending.fail(CommandFailure(error))
                }
                end.signal()
            }
        }
        for _ in stores { end.wait() }
        throw failures.withLock { $0.first }
            ?? KeyStoreError(
                .unsupportedOperation, "no installed backend tells when tokens come and go", operation: "watch tokens")
    }

    private func print(_ event: TokenEvent) throws {
        try output.withLock { _ in
            try context.print(
                "tokens", [.object([("event", .string(event.name))] + event.token.members)],
                text: "\(event.name)\t\(event.token.line)"
                    + (context.report.isVerbose ? event.token.properties.lines : ""))
        }
    }
}

extension TokenEvent {
    fileprivate var name: String {
        switch self {
        case .inserted: "inserted"
        case .removed: "removed"
        }
    }
}
