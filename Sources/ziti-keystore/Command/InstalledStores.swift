import KeyStoreCore
import KeyStoreLoader

/// Every store that can be listed without a reference: those of the installed backends that have tokens.
struct InstalledStores {
    let context: CommandContext

    /// Calls `body` with each backend's store. Backends that cannot be asked are reported, and the others go on; with none
    /// left, the first one's failure is thrown.
    func forEach(_ body: (BlockingKeyStore) throws(KeyStoreError) -> Void) throws {
        var asked = 0
        var failure: KeyStoreError?
        for backend in context.loader.backends() where context.backend == nil || backend.name == context.backend {
            do throws(KeyStoreError) {
                let info = try backend.info.get()
                guard let scheme = info.schemes.first else { continue }
                try body(
                    try context.loader.openBlocking(context.request(try KeyStoreURI("\(scheme):")), backend: info.name))
                asked += 1
            } catch {
                if error.code == .invalidURI {
                    // Its references name files or hosts, so there is nothing to list before one is given.
                    context.report.note("the backend '\(backend.name)' lists nothing without a reference")
                } else {
                    context.report.warning("The backend '\(backend.name)' could not be asked: \(error.message).")
                    failure = failure ?? error
                }
            }
        }
        if asked == 0, let failure { throw failure }
    }
}
