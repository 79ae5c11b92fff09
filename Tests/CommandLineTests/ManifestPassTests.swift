import Synchronization
import Testing

@testable import ziti_keystore

/// The rows of a manifest, several at a time.
struct ManifestPassTests {
    /// What a disk gives that fails in the middle of a manifest: two rows, and an error.
    private final class FailingManifest: ManifestReader {
        struct Failure: Error {}

        let failed: BatchStop
        private var count = 0
        var fraction: Double { 0.5 }

        /// Says through `failed` that it has failed.
        init(_ failed: BatchStop) { self.failed = failed }

        func next() throws -> ManifestEntry? {
            count += 1
            guard count <= 2 else {
                failed.stop()
                throw Failure()
            }
            return ManifestEntry(line: count + 1, raw: [], fields: .failure(ManifestDamage("it is one of a test")))
        }
    }

    @Test func rowsUnderWayComeToTheirEndWhereTheManifestCannotBeReadAnyFurther() async {
        let failed = BatchStop()
        let ends = Mutex<[Bool]>([])
        let pass = ManifestPass(jobs: 3, shard: nil, isOver: { false }) { _, _ in
            await failed.wait()
            // Time for whoever would cancel it for that.
            for _ in 0..<1000 where !Task.isCancelled { await Task.yield() }
            ends.withLock { $0.append(Task.isCancelled) }
        }
        await #expect(throws: FailingManifest.Failure.self) { try await pass.run(FailingManifest(failed)) }
        #expect(ends.withLock { $0 } == [false, false], "rows were cancelled")
    }
}
