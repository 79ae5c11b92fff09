internal import Synchronization

/// The requests a controller has seen, and the faults that wait for theirs.
final class RequestLog: Sendable {
    private let seen = Mutex<[SeenRequest]>([])
    private let faults = Mutex<[Fault]>([])

    var requests: [SeenRequest] { seen.withLock { $0 } }

    func append(_ request: SeenRequest) {
        seen.withLock { $0.append(request) }
    }

    func script(_ fault: Fault) {
        faults.withLock { $0.append(fault) }
    }

    /// Takes the first fault that is meant for a rewritten path.
    func takeFault(path: String) -> Fault? {
        faults.withLock { faults in
            guard let index = faults.firstIndex(where: { path.hasSuffix($0.pathSuffix) }) else { return nil }
            return faults.remove(at: index)
        }
    }
}
