import Foundation
import KeyStoreCore
import KeyStoreLoader
import Synchronization

/// The plugin that misbehaves, and what it counts.
enum BrokenPlugin {
    /// Its library.
    static var path: String { "\(TestPlugins.directory)/libkeystore-broken.so" }

    /// A path for a reference of the plugin that no other test uses, so that its counts are this test's own.
    static func reference(_ fault: String) -> String { "broken:\(fault);\(UUID().uuidString)" }

    static func open(
        _ reference: String, timeoutMilliseconds: UInt32? = nil,
        onNotice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) async throws -> any KeyStore {
        let uri = try KeyStoreURI(reference)
        return try await TestPlugins.loader(onNotice: onNotice)
            .open(OpenRequest(uri: uri, timeoutMilliseconds: timeoutMilliseconds))
    }

    static func openBlocking(
        _ reference: String, onNotice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws -> BlockingKeyStore {
        try TestPlugins.loader(onNotice: onNotice).openBlocking(OpenRequest(uri: try KeyStoreURI(reference)))
    }

    /// What is open of a reference's path.
    struct Counts: Equatable {
        var stores, sessions, keys, misordered: Int
        static let none = Counts(stores: 0, sessions: 0, keys: 0, misordered: 0)
    }

    static func counts(_ reference: String) throws -> Counts {
        let serial = try openBlocking(reference).tokens()[0].serial
        let numbers = serial.split(separator: " ").compactMap { Int($0) }
        // The store that was just opened to ask is one of them.
        return Counts(stores: numbers[0] - 1, sessions: numbers[1], keys: numbers[2], misordered: numbers[3])
    }
}

/// A signature of the broken plugin that waits until it is released.
final class Gate: Sendable {
    private let descriptors: (read: Int32, write: Int32)
    private let isOpen = Mutex(false)

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        descriptors = (ends[0], ends[1])
    }

    deinit {
        open()
        close(descriptors.read)
        close(descriptors.write)
    }

    /// What to sign: the plugin waits for a byte from this descriptor.
    var message: [UInt8] { Array("\(descriptors.read)".utf8) }

    /// Lets every signature that waits here, or will, go on.
    func open() {
        isOpen.withLock { isOpen in
            if !isOpen { _ = write(descriptors.write, [UInt8](repeating: 0, count: 256), 256) }
            isOpen = true
        }
    }
}

/// Repeats until the condition holds, or half a minute is over. Returns whether it held.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        await Task.yield()
    }
    return false
}

/// Runs a blocking closure on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

/// How many threads the process has.
func threadCount() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
}
