import Synchronization

/// A blocking object that one caller uses at a time.
final class Guarded<Object>: @unchecked Sendable {
    private let lock = Mutex(())
    private let object: Object

    init(_ object: Object) { self.object = object }

    func use<Result, Failure: Error>(_ body: (Object) throws(Failure) -> Result) throws(Failure) -> Result {
        try lock.withLock { (_) throws(Failure) in try body(object) }
    }
}
