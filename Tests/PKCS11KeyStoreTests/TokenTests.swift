import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Choosing the token.
struct TokenTests {
    private func store(_ uri: String, host: TestHost = TestHost()) throws -> PKCS11Backend {
        _ = SoftHSM.shared
        return try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(uri)), host: host)
    }

    private func tokens(_ uri: String, all: Bool = false) throws -> [TokenInfo] {
        let store = try store(uri)
        defer { store.close() }
        var found: [TokenInfo] = []
        try store.forEachToken(all: all) { info in
            found.append(info)
            return true
        }
        return found
    }

    @Test func aTokenIsListedAsWhatSelectsIt() throws {
        let token = SoftHSM.shared.makeToken(label: "a token; listed")
        let found = try tokens(token.uri)
        let info = try #require(found.first)
        #expect(found.count == 1)
        #expect(info.label == "a token; listed")
        #expect(info.serial == token.serial)
        #expect(info.model == "SoftHSM v2")
        #expect(info.manufacturer == "SoftHSM project")
        #expect(info.flags.isSuperset(of: [.initialised, .loginRequired, .pinInitialised]))
        // Debian's p11-kit configuration names this module, so that the reference need not.
        #expect(info.uri.text == "pkcs11:token=a%20token%3B%20listed;model=SoftHSM%20v2;serial=\(token.serial)")
        #expect(try tokens(info.uri.text).map(\.serial) == [token.serial])
    }

    @Test func everyKindOfAttributeSelects() throws {
        let token = SoftHSM.shared.makeToken(label: "attributes")
        let query = "?module-path=\(token.modulePath)"
        for attribute in [
            "token=attributes", "manufacturer=SoftHSM%20project", "model=SoftHSM%20v2", "library-version=2.6",
            "library-manufacturer=SoftHSM", "library-description=Implementation%20of%20PKCS11",
            "slot-manufacturer=SoftHSM%20project", "slot-id=\(token.slot)",
        ] {
            #expect(
                try tokens("pkcs11:serial=\(token.serial);\(attribute)\(query)").count == 1, "\(attribute)")
        }
        for attribute in [
            "token=Attributes", "token=", "manufacturer=x", "model=SoftHSM", "library-version=2",
            "library-manufacturer=x",
            "library-description=x", "slot-manufacturer=x", "slot-description=x", "slot-id=\(token.slot + 1)",
        ] {
            #expect(
                try tokens("pkcs11:serial=\(token.serial);\(attribute)\(query)").isEmpty, "\(attribute)")
        }
    }

    @Test func uninitialisedTokensAreListedOnlyOnRequest() throws {
        let query = "?module-path=\(SoftHSM.modulePath)"
        #expect(try tokens("pkcs11:token=\(query)").isEmpty)
        let empty = try tokens("pkcs11:token=\(query)", all: true)
        let info = try #require(empty.first)
        #expect(!info.flags.contains(.initialised))
        #expect(try tokens(info.uri.text + query, all: true).map(\.uri) == [info.uri])
    }

    @Test func aListingEndsWhenItsReaderHasEnough() throws {
        _ = (SoftHSM.shared.makeToken(), SoftHSM.shared.makeToken())
        let store = try store("pkcs11:?module-path=\(SoftHSM.modulePath)")
        defer { store.close() }
        var count = 0
        try store.forEachToken(all: false) { _ in
            count += 1
            return false
        }
        #expect(count == 1)
    }

    @Test func noMatchingTokenIsNoSuchToken() throws {
        let store = try store("pkcs11:token=nobody%20made%20this?module-path=\(SoftHSM.modulePath)")
        defer { store.close() }
        let error = try failure {
            try store.openSession(SessionOptions(), host: TestHost())
        }
        #expect(error.code == .noSuchToken)
    }

    @Test func twoMatchingTokensAreAnErrorThatListsThemAndNoPINIsAskedFor() throws {
        let (one, other) = (SoftHSM.shared.makeToken(label: "twins"), SoftHSM.shared.makeToken(label: "twins"))
        let host = TestHost(pin: one.pin)
        let store = try store("pkcs11:token=twins?module-path=\(SoftHSM.modulePath)", host: host)
        defer { store.close() }
        let error = try failure {
            try store.openSession(SessionOptions(login: .atOnce), host: host)
        }
        #expect(error.code == .ambiguousToken)
        for token in [one, other] {
            #expect(error.message.contains("pkcs11:token=twins;model=SoftHSM%20v2;serial=\(token.serial)"))
        }
        #expect(host.requests.isEmpty)
    }

    @Test func aHintedSlotDecidesBetweenTokensAndDemandsNothing() throws {
        let (one, other) = (SoftHSM.shared.makeToken(label: "hinted"), SoftHSM.shared.makeToken(label: "hinted"))
        for token in [one, other] {
            let store = try store(
                "pkcs11://\(token.modulePath)?id=01&slot=0x\(String(token.slot, radix: 16))")
            defer { store.close() }
            let session = try store.openSession(SessionOptions(), host: TestHost())
            defer { session.close() }
            #expect(try session.token.serial == token.serial)
        }
    }

    @Test func aReferenceToAnotherTokenIsNoKeyOfThisSession() throws {
        let open = try OpenToken()
        let error = try failure {
            try open.session.key(at: try KeyStoreURI("pkcs11:serial=another;object=a"))
        }
        #expect(error.code == .noSuchKey)
        #expect(open.host.requests.isEmpty)
    }
}
