import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Being told of tokens that come and go.
struct WatchTests {
    private struct Watched {
        let module: MockModule
        let host = MockHost()
        let store: PKCS11Backend
        let watch: any BackendTokenWatch

        init(_ script: String = "", _ attributes: String = "") throws {
            module = try MockModule(script)
            store = try PKCS11Backend(
                opening: OpenRequest(uri: try KeyStoreURI(module.uri(attributes))), host: host)
            watch = try store.makeWatch()
        }

        func close() {
            watch.close()
            store.close()
        }

        /// What has happened, waited for.
        func events() throws -> [String] { try events(milliseconds: 20_000) }

        /// What has happened until now.
        func events(milliseconds: UInt32) throws -> [String] {
            var events: [String] = []
            try watch.wait(timeoutMilliseconds: milliseconds) { event in
                switch event {
                case .inserted(let token): events.append("+\(token.label)/\(token.serial.suffix(1))")
                case .removed(let token): events.append("-\(token.label)/\(token.serial.suffix(1))")
                }
            }
            return events
        }
    }

    @Test func aTokenThatIsPulledAndComesBackIsTold() throws {
        let watched = try Watched()
        defer { watched.close() }
        #expect(try watched.events(milliseconds: 0) == ["+mock/1"])
        try watched.module.run("vanish")
        #expect(try watched.events() == ["-mock/1"])
        try watched.module.run("appear")
        #expect(try watched.events() == ["+mock/1"])
        try watched.module.run("vanish\nserial 0000000000000002\nappear")
        #expect(try watched.events() == ["-mock/1", "+mock/2"])
        #expect(watched.module.value("waiting") == 0)
        #expect(watched.module.value("C_Login") == 0)
    }

    @Test func aNewSlotIsTold() throws {
        let watched = try Watched()
        defer { watched.close() }
        #expect(try watched.events(milliseconds: 0) == ["+mock/1"])
        try watched.module.run("slots 2")
        #expect(try watched.events() == ["+mock-2/2"])
    }

    @Test func aTokenThatTheReferenceDoesNotNameIsNotTold() throws {
        let watched = try Watched("slots 2", "token=mock-2")
        defer { watched.close() }
        #expect(try watched.events(milliseconds: 0) == ["+mock-2/2"])
        try watched.module.run("vanish\nslot 2\nvanish")
        #expect(try watched.events() == ["-mock-2/2"])
    }

    @Test(arguments: ["lack C_WaitForSlotEvent", "on C_WaitForSlotEvent 1+ return CKR_FUNCTION_NOT_SUPPORTED"])
    func aModuleThatTellsOfNoEventsIsLookedAt(script: String) throws {
        let watched = try Watched(script)
        defer { watched.close() }
        #expect(try watched.events(milliseconds: 0) == ["+mock/1"])
        try watched.module.run("vanish")
        #expect(try watched.events() == ["-mock/1"])
    }

    @Test func aModuleThatFailsIsWarnedOfOnceAndWatchedOn() throws {
        let watched = try Watched()
        defer { watched.close() }
        #expect(try watched.events(milliseconds: 0) == ["+mock/1"])
        try watched.module.run("die CKR_DEVICE_ERROR\non C_Initialize 1+ return CKR_DEVICE_ERROR")
        #expect(try watched.events() == ["-mock/1"])
        #expect(try watched.events(milliseconds: 300) == [])
        #expect(watched.host.notices.count == 1, "\(watched.host.notices)")
        try watched.module.run("clear\nrevive")
        #expect(try watched.events() == ["+mock/1"])
    }

    @Test(arguments: [["C_GetSlotList"], ["C_GetSlotInfo"], ["C_GetTokenInfo"], ["C_GetSlotList", "C_GetTokenInfo"]])
    func aTokenThatGoesWhileItIsLookedAtIsToldOnce(functions: [String]) throws {
        let watched = try Watched()
        defer { watched.close() }
        #expect(try watched.events(milliseconds: 0) == ["+mock/1"])
        for function in functions {
            try watched.module.run("clear\nevent\non \(function) 1 vanish CKR_DEVICE_REMOVED")
            #expect(try watched.events() == ["-mock/1"])
            try watched.module.run("appear")
            #expect(try watched.events() == ["+mock/1"])
        }
    }
}
