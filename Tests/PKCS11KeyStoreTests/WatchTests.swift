import Foundation
import Glibc
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Tokens that come and go.
@Suite(.serialized)
struct WatchTests {
    private func events(
        _ watch: any BackendTokenWatch, milliseconds: UInt32 = 0
    ) throws -> [TokenEvent] {
        var events: [TokenEvent] = []
        try watch.wait(timeoutMilliseconds: milliseconds) { events.append($0) }
        return events
    }

    /// The only token that a listing shows.
    private func listed(_ store: PKCS11Backend) throws -> TokenInfo {
        var tokens: [TokenInfo] = []
        try store.forEachToken(all: false) { token in
            tokens.append(token)
            return true
        }
        try #require(tokens.count == 1)
        return tokens[0]
    }

    @Test func theFirstLookTellsWhatIsThereAndTheNextOneNothing() throws {
        let tokens = ["watched", "watched", "other"].map { SoftHSM.shared.makeToken(label: $0) }
        let store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI("pkcs11:token=watched?module-path=\(SoftHSM.modulePath)")),
            host: TestHost())
        defer { store.close() }
        let watch = try store.makeWatch()
        defer { watch.close() }
        let first = try events(watch, milliseconds: 60_000)
        #expect(Set(first.map(\.token.serial)) == Set(tokens[..<2].map(\.serial)))
        #expect(first.allSatisfy { if case .inserted = $0 { true } else { false } })
        #expect(try events(watch) == [])
    }

    @Test func aTokenThatTakesAnothersPlaceIsTwoEventsThatSayWhatAListingSays() throws {
        let module = try SeparateSoftHSM()
        let host = TestHost(others: [.newSecurityOfficerPIN: "87654321", .securityOfficerPIN: "87654321"])
        let store = try module.open("pkcs11:?module-path=\(module.modulePath)", host: host)
        defer { store.close() }
        let watch = try store.makeWatch()
        defer { watch.close() }
        #expect(try events(watch) == [])
        let reference = try store.initialiseToken(label: "old", host: host).uri
        let old = try listed(store)
        #expect(old.properties.map(\.name).contains("module"))
        #expect(try events(watch, milliseconds: 60_000) == [.inserted(old)])
        let again = try PKCS11Backend(opening: OpenRequest(uri: reference), host: host)
        defer { again.close() }
        _ = try again.initialiseToken(label: "new", host: host)
        let changes = try events(watch, milliseconds: 60_000)
        #expect(changes == [.removed(old), .inserted(try listed(store))])
    }

    @Test func aServersTokenGoesWithItAndComesBackWithIt() throws {
        let token = SoftHSM.shared.makeToken(label: "behind a server")
        let server = try P11KitServer(token)
        setenv("P11_KIT_SERVER_ADDRESS", server.address, 1)
        defer { unsetenv("P11_KIT_SERVER_ADDRESS") }
        let host = TestHost()
        let store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI("pkcs11:?module-path=\(try server.makeClient())")), host: host)
        defer { store.close() }
        let watch = try store.makeWatch()
        defer { watch.close() }
        #expect(try events(watch).map(\.token.serial) == [token.serial])
        try server.stop()
        let gone = try events(watch, milliseconds: 60_000)
        #expect(gone.map(\.token.serial) == [token.serial])
        if case .inserted? = gone.first { Issue.record("the token was not told to be gone") }
        try server.start(token)
        let back = try events(watch, milliseconds: 60_000)
        #expect(back.map(\.token.serial) == [token.serial])
        if case .removed? = back.first { Issue.record("the token was not told to be there again") }
        // However often it was looked for meanwhile.
        #expect(host.notices.count == 1, "\(host.notices)")
    }
}
