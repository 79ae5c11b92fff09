import Testing

@testable import ZitiHTTP

struct SharedWorkTests {
    /// Work that answers true when it is let go on, and false when it is cancelled.
    private func make() -> (work: SharedWork<Bool>, gate: AsyncStream<Void>.Continuation) {
        let (stream, gate) = AsyncStream.makeStream(of: Void.self)
        let work = SharedWork<Bool> {
            for await _ in stream { return true }
            return false
        }
        return (work, gate)
    }

    private func wait(_ work: SharedWork<Bool>, for count: Int) async {
        while work.waiterCount < count { await Task.yield() }
    }

    @Test func whoIsCancelledLeavesAtOnceAndTheWorkGoesOnForTheOthers() async {
        let (work, gate) = make()
        let first = Task { await work.value() }
        let second = Task { await work.value() }
        await wait(work, for: 2)
        first.cancel()
        #expect(await first.value == nil)
        #expect(!work.isAbandoned)
        gate.yield()
        #expect(await second.value == true)
        #expect(await work.value() == true)
    }

    @Test func theWorkIsCancelledWhenItsLastWaiterGoes() async {
        let (work, gate) = make()
        let waiters = (0..<2).map { _ in Task { await work.value() } }
        await wait(work, for: 2)
        for waiter in waiters { waiter.cancel() }
        for waiter in waiters { #expect(await waiter.value == nil) }
        #expect(work.isAbandoned)
        #expect(await work.value() == false)
        gate.finish()
    }
}
