import Testing

@testable import VirtualYubiKey

struct ConsoleTests {
    private let key: YubiKey
    private let console: Console

    init() throws {
        key = try YubiKey()
        console = Console(key, port: 0) { try YubiKey(serial: $0) }
    }

    @Test(arguments: [
        ("touch granted", TouchBehaviour.granted), ("touch after 2.5", .grantedAfter(seconds: 2.5)),
        ("touch hand 60", .byHand(timeoutSeconds: 60)), ("touch denied", .denied),
        ("touch never 5", .never(timeoutSeconds: 5)),
    ])
    func touchIsSet(_ line: String, _ touch: TouchBehaviour) throws {
        _ = try console.execute(line)
        #expect(key.touch == touch)
    }

    @Test(arguments: [
        ("status 6F00", Fault.status(0x6F00)), ("answer 7C849000", .answer([0x7C, 0x84, 0x90, 0x00])),
        ("data 01", .data([1])), ("truncate 3", .truncate(toBytes: 3)), ("delay 0.5", .delay(seconds: 0.5)),
        ("unplug", .unplug), ("unplug-afterwards", .unplugAfterwards), ("reconnect", .reconnect),
    ])
    func faultsAreRead(_ words: String, _ fault: Fault) throws {
        #expect(try ConsoleWords.fault(words.split(separator: " ").map(String.init)[...]) == fault)
    }

    @Test func aFaultIsSetAndTakenBack() throws {
        let client = TestClient(key)
        _ = try console.execute("fault 1 FD status 6F00")
        #expect(client.send(0xF8, 0, 0).statusWord == .success)
        #expect(client.send(0xFD, 0, 0).statusWord == 0x6F00)
        _ = try console.execute("fault 1 status 6F00")
        _ = try console.execute("fault clear")
        #expect(client.send(0xFD, 0, 0).statusWord == .success)
    }

    @Test func theKeyIsFilledAndLookedInto() throws {
        #expect(try console.execute("generate 9a p256") == "")
        #expect(try console.execute("chuid") == "")
        #expect(key.certificate(in: .authentication) != nil)
        #expect(key.object(0x5FC102) != nil)
        _ = TestClient(key)
        #expect(try console.execute("log") == "00 A4 04 00 Lc=5 -> 9000 19")
        #expect(try console.execute("counts") == "A4 1")
        #expect(try console.execute("log clear") == "")
        #expect(try console.execute("log") == "")
        #expect(try console.execute("status").contains("112233"))
        #expect(try console.execute("root").contains("BEGIN CERTIFICATE"))
        #expect(try console.execute("latency 0.25") == "")
        #expect(key.latencySeconds == 0.25)
        #expect(try console.execute("  ") == "")
        #expect(try console.execute("unplug") == "")
    }

    @Test(arguments: [
        "nonsense", "touch", "touch after", "touch after never", "touch never -1", "fault 0 unplug", "fault 1",
        "fault 1 status", "fault 1 status 6F", "fault 1 status XX00", "fault 1 answer 123", "fault 1 truncate -1",
        "fault x unplug", "generate 96 p256", "generate 9a p521", "generate 9a", "swap x", "latency x", "status now",
    ])
    func whatIsNotUnderstoodIsRefused(_ line: String) {
        #expect(throws: ConsoleError.self) { try console.execute(line) }
    }

    @Test func helpTellsEveryVerb() throws {
        let help = try console.execute("help")
        for verb in [
            "unplug", "plug", "swap", "touch", "tap", "latency", "fault", "generate", "chuid", "log", "counts",
            "status",
            "root", "quit",
        ] {
            #expect(help.contains(verb))
        }
    }
}
