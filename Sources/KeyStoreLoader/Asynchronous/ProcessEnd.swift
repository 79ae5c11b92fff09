import Glibc
import Synchronization

/// Keeps a process that ends from pulling native libraries away under calls that are still being made.
///
/// A session that nobody holds any more is closed on its own thread, and the program goes on meanwhile. If it returns from
/// `main` just then, the libraries' exit handlers run beside that call; SoftHSM2, which destroys its token objects there,
/// crashes. So the end of the process waits for calls that have begun, and no other begins. It waits for threads that are
/// about to end as well: libcrypto frees what it keeps for a thread both when that ends and in its exit handler.
enum ProcessEnd {
    /// How long the end waits for a call: a token that hangs, or waits for a touch, must not keep the process.
    private static let limitMilliseconds = 2000

    private static let underWay = Atomic(false)
    private static let calls = Atomic(0)
    /// The threads that made calls and are about to end, as folders below /proc. Most of them have ended.
    private static let ending = Mutex<[String]>([])
    private static let watched = Mutex<Set<String>>([])
    /// Set for the threads that make calls: one of those that ends the process itself must not wait for itself.
    private static let callerKey = {
        var key = pthread_key_t()
        return pthread_key_create(&key, nil) == 0 ? key : nil
    }()

    /// Whether the process has begun to end.
    static var isUnderWay: Bool { underWay.load(ordering: .sequentiallyConsistent) }

    /// To be called once what `name` stands for is open, with all libraries that it needs. Exit handlers run in the reverse
    /// order of their registration, and this one must run before those libraries' own.
    static func watch(afterOpening name: String) {
        guard watched.withLock({ $0.insert(name).inserted }) else { return }
        atexit { ProcessEnd.waitForCalls() }
    }

    /// Makes a call, unless the process has begun to end; then this thread waits for that.
    static func call(_ body: () -> Void) {
        calls.add(1, ordering: .sequentiallyConsistent)
        if isUnderWay {
            calls.subtract(1, ordering: .sequentiallyConsistent)
            while true { pause() }
        }
        if let callerKey { pthread_setspecific(callerKey, UnsafeRawPointer(bitPattern: 1)) }
        body()
        if let callerKey { pthread_setspecific(callerKey, nil) }
        calls.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// To be called as the last thing that a thread does which makes calls. Does not return once the process has begun to end.
    static func threadEnds() {
        let mayEnd = ending.withLock { threads in
            if isUnderWay { return false }
            threads.removeAll { !isThere($0) }
            if let own = ownThread() { threads.append(own) }
            return true
        }
        while !mayEnd { pause() }
    }

    private static func ownThread() -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let length = readlink("/proc/thread-self", buffer.baseAddress!, buffer.count)
            guard length > 0, length < buffer.count else { return nil }
            return "/proc/" + String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func isThere(_ thread: String) -> Bool { access(thread, F_OK) == 0 }

    private static func waitForCalls() {
        underWay.store(true, ordering: .sequentiallyConsistent)
        let isCaller = callerKey.map { pthread_getspecific($0) != nil } ?? false
        let own = isCaller ? 1 : 0
        var turns = limitMilliseconds * 10
        while turns > 0,
            calls.load(ordering: .sequentiallyConsistent) > own || ending.withLock({ $0.contains(where: isThere) })
        {
            usleep(100)
            turns -= 1
        }
    }
}
