import KeyStoreCore
import KeyStorePlugin
import Testing

@testable import PKCS11KeyStore

/// Tokens that come and go under a watch.
struct TokenWatchTests {
    private let host = MockHost()

    private func watch(
        _ script: String = "", _ attributes: String = ""
    ) throws -> (MockModule, PKCS11Backend, any BackendTokenWatch) {
        let module = try MockModule(script)
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(module.uri(attributes))), host: host)
        return (module, store, try store.makeWatch())
    }

    /// The kinds and serial numbers of the next events: "+1" for an inserted token.
    private func next(_ watch: any BackendTokenWatch, milliseconds: UInt32 = 60_000) throws -> [String] {
        var events: [String] = []
        try watch.wait(timeoutMilliseconds: milliseconds) { event in
            let serial = event.token.serial.drop { $0 == "0" }
            if case .inserted = event { events.append("+\(serial)") } else { events.append("-\(serial)") }
        }
        return events
    }

    @Test(arguments: [
        "", "lack C_WaitForSlotEvent", "on C_WaitForSlotEvent 1+ return CKR_FUNCTION_NOT_SUPPORTED",
    ])
    func aTokenGoesAndComes(script: String) throws {
        let (module, store, watch) = try watch(script)
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        #expect(try next(watch, milliseconds: 0) == [])
        try module.run("vanish")
        #expect(try next(watch) == ["-1"])
        try module.run("appear")
        #expect(try next(watch) == ["+1"])
        watch.close()
    }

    @Test func anotherTokenInTheSlotIsTwoEvents() throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        try module.run("serial 0000000000000007\nevent")
        #expect(try next(watch) == ["-1", "+7"])
        watch.close()
    }

    @Test func aNewSlotIsSeen() throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        try module.run("more-slots 1")
        #expect(try next(watch) == ["+2"])
        watch.close()
    }

    @Test(arguments: ["C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo"])
    func aModuleThatFailsIsWarnedAboutOnceAndWatchedOn(function: String) throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        try module.run("on \(function) 1+ return CKR_FUNCTION_FAILED")
        #expect(try next(watch) == ["-1"])
        for _ in 0..<3 { #expect(try next(watch, milliseconds: 0) == []) }
        try module.run("clear")
        #expect(try next(watch) == ["+1"])
        #expect(host.notices.count == 1)
        watch.close()
    }

    @Test func aModuleThatDiesIsWarnedAboutOnceAndWatchedOn() throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        try module.run("die CKR_DEVICE_ERROR\non C_Initialize 1+ return CKR_DEVICE_ERROR")
        #expect(try next(watch) == ["-1"])
        for _ in 0..<3 { #expect(try next(watch, milliseconds: 0) == []) }
        #expect(host.notices.count == 1, "\(host.notices)")
        try module.run("clear\nrevive")
        #expect(try next(watch) == ["+1"])
        watch.close()
    }

    @Test func aTokenThatTheReferenceDoesNotNameIsNotTold() throws {
        let (module, store, watch) = try watch("slots 2", "token=mock-2")
        defer { store.close() }
        #expect(try next(watch) == ["+2"])
        try module.run("vanish\nslot 2\nvanish")
        #expect(try next(watch) == ["-2"])
        watch.close()
    }

    @Test(arguments: [["C_GetSlotList"], ["C_GetSlotInfo"], ["C_GetTokenInfo"], ["C_GetSlotList", "C_GetTokenInfo"]])
    func aTokenThatGoesWhileItIsLookedAtIsToldOnce(functions: [String]) throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        for function in functions {
            try module.run("clear\nevent\non \(function) 1 vanish CKR_DEVICE_REMOVED")
            #expect(try next(watch) == ["-1"])
            try module.run("appear")
            #expect(try next(watch) == ["+1"])
        }
        watch.close()
    }

    @Test func aWrongPINIsNoEvent() throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        // Changes the token's flags.
        #expect(
            try failure { try store.openSession(SessionOptions(login: .atOnce), host: MockHost(pins: ["000000"])) }.code
                == .pinIncorrect)
        try module.run("event")
        #expect(try next(watch, milliseconds: 0) == [])
        watch.close()
    }

    @Test func theModuleIsNeverWaitedIn() throws {
        let (module, store, watch) = try watch()
        defer { store.close() }
        #expect(try next(watch) == ["+1"])
        #expect(try next(watch, milliseconds: 1) == [])
        #expect(module.value("C_WaitForSlotEvent") > 0)
        #expect(module.log.filter { $0.hasPrefix("C_WaitForSlotEvent") }.allSatisfy { $0.contains("CKR_NO_EVENT") })
        #expect(module.value("hanging") == 0 && module.value("waiting") == 0)
        watch.close()
    }
}
