import KeyStoreCore
import KeyStorePlugin
import Testing
import VirtualYubiKey

@testable import PIVKeyStore

/// Tokens that come and go while somebody looks.
@Suite(.serialized)
struct WatchTests {
    private func nextEvents(_ watch: any BackendTokenWatch) throws -> [TokenEvent] {
        var events: [TokenEvent] = []
        for _ in 0..<200 where events.isEmpty { try watch.wait(timeoutMilliseconds: 100) { events.append($0) } }
        return events
    }

    @Test func aWatchTellsWhatIsThereAndThenWhatChanges() throws {
        let bench = try Bench()
        let watch = try bench.store().makeWatch()
        let first = try nextEvents(watch)
        #expect(first.map(\.token.serial) == ["112233"])
        try bench.unplug()
        guard case .removed(let token)? = try nextEvents(watch).first else {
            Issue.record("no removal was told")
            return
        }
        #expect(token.serial == "112233")
        let other = try YubiKey(serial: 998_877)
        try other.plug(intoPort: bench.daemon.ports[1])
        defer { other.unplug() }
        guard case .inserted(let inserted)? = try nextEvents(watch).first else {
            Issue.record("no insertion was told")
            return
        }
        #expect(inserted.serial == "998877" && inserted.flags.contains(.pinDefault))
        watch.close()
    }

    @Test func aWatchForOneTokenTellsOfNoOther() throws {
        let bench = try Bench()
        let watch = try bench.store("piv:serial=5").makeWatch()
        var events: [TokenEvent] = []
        for _ in 0..<3 { try watch.wait(timeoutMilliseconds: 10) { events.append($0) } }
        #expect(events.isEmpty)
        watch.close()
    }

    @Test func aDaemonThatEndsTakesItsTokensAlongAndAnotherOneBringsThemBack() throws {
        let bench = try Bench()
        let watch = try bench.store().makeWatch()
        _ = try nextEvents(watch)
        bench.daemon.stop()
        guard case .removed? = try nextEvents(watch).first else {
            Issue.record("no removal was told")
            return
        }
        let daemon = try PCSCDaemon()
        try bench.key.plug(intoPort: daemon.ports[0])
        guard case .inserted(let token)? = try nextEvents(watch).first else {
            Issue.record("no insertion was told")
            return
        }
        #expect(token.serial == "112233")
        watch.close()
    }

    @Test func withoutADaemonThereIsNoWatch() throws {
        try PCSCDaemon().stop()
        let store = try PIVBackend(opening: OpenRequest(uri: try KeyStoreURI("piv:")), host: TestHost())
        let error = try failure { try store.makeWatch() }
        #expect(error.native?.name == "SCARD_E_NO_SERVICE")
    }
}
