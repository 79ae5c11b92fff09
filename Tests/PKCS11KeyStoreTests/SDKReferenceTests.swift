import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// References that OpenZiti's SDKs read.
struct SDKReferenceTests {
    private func text(_ pin: PIN) -> String { pin.withBytes { String(decoding: $0, as: UTF8.self) } }

    private func warnings(_ host: TestHost) -> [String] {
        host.notices.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    @Test func theReferenceIsWhatBothSDKsReadAlike() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%0A%ff"))
        let reference = text(try open.session.sdkReference(at: key.info.uri))
        let path = try ModuleLibrary.realPath(open.token.modulePath)
        let slot = String(open.token.slot, radix: 16)
        #expect(reference == "pkcs11://\(path)?id=0aff&slot=0x\(slot)&pin=\(open.token.pin)")
        #expect(warnings(open.host).contains { $0.contains("PIN") })
        // And we read it as what it was made from.
        let read = try PKCS11URI(try KeyStoreURI(reference))
        #expect(read.id == [0x0A, 0xFF])
        #expect(read.slotHint == open.token.slot)
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(reference)), host: TestHost())
        store.close()
    }

    @Test func aPINThatTheSDKsWouldReadDifferentlyIsRefused() throws {
        let token = SoftHSM.shared.makeToken(pin: "12&456")
        let open = try OpenToken(token)
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let error = try failure { try open.session.sdkReference(at: key.info.uri) }
        #expect(error.code == .policyRefused)
        #expect(!"\(error)".contains("12&"))
    }

    @Test func aPINThatDidNotLogInIsNotWrittenDown() throws {
        let token = SoftHSM.shared.makeToken()
        let first = try OpenToken(token)
        let key = try first.session.generateKey(.ecP256, at: try KeyStoreURI(token.uri("object=a")))
        let second = try OpenToken(token, SessionOptions(), host: TestHost(pin: "000000"))
        let error = try failure { try second.session.sdkReference(at: key.info.uri) }
        #expect(error.code == .pinIncorrect)
        #expect(error.native == nil)
        #expect(try !second.session.token.flags.contains(.pinCountLow))
    }

    @Test func aKeyThatOneSDKCannotUseIsWarnedAbout() throws {
        let open = try OpenToken()
        for (type, word) in [(KeyType.ecP521, "P-521"), (.ed25519, "Ed25519")] {
            let key = try open.session.generateKey(type, at: try KeyStoreURI(open.token.uri))
            _ = try open.session.sdkReference(at: key.info.uri)
            #expect(warnings(open.host).contains { $0.contains(word) })
        }
    }

    @Test func aKeyWithoutAnIDIsNamedByItsLabelWithAWarningOrNotAtAll() throws {
        let open = try OpenToken()
        for (label, works) in [("plain", true), ("not%20plain", false)] {
            let made = try open.session.generateKey(.ecP256, at: try open.uri("object=\(label)"))
            let decoded = try #require(try made.info.uri.pathAttributes().first { $0.name == "object" }).bytes()
            for objectClass in [2, 3] as [UInt] {
                let object = try #require(
                    try open.session.using { try open.session.records(objectClass, id: nil, label: decoded) }.first)
                try open.session.using { try Objects.setAttribute(0x102, [], of: object.handle, open.session) }
            }
            if works {
                let reference = text(try open.session.sdkReference(at: try open.uri("object=\(label)")))
                #expect(reference.contains("?label=plain&slot="))
                #expect(warnings(open.host).contains { $0.contains("no id") })
            } else {
                let error = try failure { try open.session.sdkReference(at: try open.uri("object=\(label)")) }
                #expect(error.code == .unsupportedOperation)
            }
        }
    }

    @Test func anIDThatTheCSDKHasNoRoomForIsRefused() throws {
        let open = try OpenToken()
        let id = String(repeating: "%01", count: 33)
        let key = try open.session.generateKey(.ecP256, at: try open.uri("id=\(id)"))
        #expect(try failure { try open.session.sdkReference(at: key.info.uri) }.code == .unsupportedOperation)
    }
}
