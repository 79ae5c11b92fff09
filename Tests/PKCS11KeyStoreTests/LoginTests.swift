import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// When a PIN is asked for, and how often it is sent.
struct LoginTests {
    private func isCountLow(_ open: OpenToken) throws -> Bool { try open.session.token.flags.contains(.pinCountLow) }

    @Test func thePINIsAskedForWhenAPrivateKeyIsNeededAndOnlyOnce() throws {
        let open = try OpenToken()
        _ = try open.session.token
        try open.session.forEachKey(matching: nil) { _ in true }
        #expect(open.host.requests.isEmpty)
        let made = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        _ = try open.session.key(at: made.info.uri)
        #expect(open.host.requests.count == 1)
        let request = try #require(open.host.requests.first)
        #expect(request.kind == .pin)
        #expect(request.subject == open.token.label)
        #expect(request.uri.contains(open.token.serial))
    }

    @Test func theLoginCountsForEverySessionOfTheProcess() throws {
        let open = try OpenToken(SessionOptions(isWritable: true, login: .atOnce))
        _ = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let host = TestHost()
        let second = try OpenToken(open.token, SessionOptions(), host: host)
        _ = try second.session.key(at: try second.uri("object=a"))
        #expect(host.requests.isEmpty)
    }

    @Test func theLoginEndsWithTheLastStoreOnTheToken() throws {
        let token = SoftHSM.shared.makeToken()
        for _ in 0..<2 {
            let open = try OpenToken(token, SessionOptions(login: .atOnce))
            #expect(open.host.requests.count == 1)
        }
    }

    @Test func aPublicKeyIsReadWithoutALogin() throws {
        let token = SoftHSM.shared.makeToken()
        let key = try OpenToken(token).session.generateKey(.ecP256, at: try KeyStoreURI(token.uri("object=a")))
            .publicKey()
        let open = try OpenToken(token)
        #expect(try open.session.publicKey(at: try open.uri("object=a")) == key)
        #expect(open.host.requests.isEmpty)
        var listed: [KeyInfo] = []
        try open.session.forEachKey(matching: nil) { info in
            listed.append(info)
            return true
        }
        #expect(listed.map(\.hasPrivateKey) == [false])
        #expect(listed.first?.publicKey == key)
    }

    @Test func aWrongPINIsSentOnceAndNeverAgain() throws {
        let open = try OpenToken(host: TestHost(pin: "000000"))
        let first = try failure { try open.session.using { try open.session.logIn() } }
        #expect(first.code == .pinIncorrect)
        #expect(first.native?.function == "C_Login")
        #expect(first.native?.name == "CKR_PIN_INCORRECT")
        #expect(first.native?.number == 0xA0)
        #expect(!"\(first)".contains("000000"))
        #expect(try isCountLow(open))
        // Nothing native stands in the second error, because the token was not asked.
        let second = try failure { try open.session.using { try open.session.logIn() } }
        #expect(second.code == .pinIncorrect)
        #expect(second.native == nil)
        #expect(open.host.requests.map(\.countIsLow) == [false, true])
    }

    @Test func theRightPINAfterAWrongOneIsSent() throws {
        let open = try OpenToken(host: TestHost(pin: "000000"))
        #expect(try failure { try open.session.using { try open.session.logIn() } }.code == .pinIncorrect)
        let right = try open.store.openSession(
            SessionOptions(login: .atOnce), host: TestHost(pin: open.token.pin))
        right.close()
        #expect(try !isCountLow(open))
    }

    @Test func aPINInTheReferenceIsUsedWithoutAsking() throws {
        let token = SoftHSM.shared.makeToken()
        let file = try Tool.file(Array("\(token.pin)\n".utf8))
        for query in ["pin-value=\(token.pin)", "pin-source=\(file)", "pin-source=file:\(file)"] {
            let host = TestHost()
            let store = try PKCS11Backend(
                opening: OpenRequest(uri: try KeyStoreURI("\(token.uri)&\(query)")), host: host)
            defer { store.close() }
            let session = try store.openSession(SessionOptions(login: .atOnce), host: host)
            session.close()
            #expect(host.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("123456\n", 0o644, KeyStoreError.Code.policyRefused), ("123456\n", 0o620, .policyRefused),
        ("", 0o600, .pinRequired), ("\n", 0o600, .pinRequired),
        (String(repeating: "1", count: PINFile.maximumLength + 1), 0o600, .invalidData),
    ])
    func aPINFileThatIsNotPrivateOrHoldsNoPINIsRefused(text: String, mode: Int, code: KeyStoreError.Code) throws {
        let path = try Tool.file(Array(text.utf8), mode: mode)
        let error = try failure { try PINFile.read(path) }
        #expect(error.code == code)
    }

    @Test(arguments: [
        ("/nowhere/pin", KeyStoreError.Code.pinRequired), ("/tmp", .policyRefused), ("/dev/null", .policyRefused),
    ])
    func aPINFileThatIsNoFileIsRefused(path: String, code: KeyStoreError.Code) throws {
        #expect(try failure { try PINFile.read(path) }.code == code)
    }

    @Test func aPINFileKeepsEverythingButOneNewline() throws {
        let path = try Tool.file(Array(" 12\n\n".utf8))
        #expect(try PINFile.read(path).withBytes { Array($0) } == Array(" 12\n".utf8))
    }

    @Test func anEmptyPINIsNotSent() throws {
        let open = try OpenToken(host: TestHost(pin: ""))
        #expect(try failure { try open.session.using { try open.session.logIn() } }.code == .pinRequired)
        #expect(try !isCountLow(open))
    }

    @Test func aHostWithoutAPINIsPINRequired() throws {
        let open = try OpenToken(host: TestHost())
        #expect(
            try failure { try open.session.key(at: try open.uri("object=a")) }.code
                == .pinRequired)
    }

    @Test func aSessionThatMustNotLogInSaysThatItSeesNoPrivateKeys() throws {
        let open = try OpenToken(SessionOptions(login: .never))
        let error = try failure { try open.session.key(at: try open.uri("object=a")) }
        #expect(error.code == .pinRequired)
        #expect(
            try failure {
                try OpenToken(open.token, SessionOptions(isWritable: true, login: .never)).session.deleteKey(
                    at: try open.uri("object=a"))
            }.code == .pinRequired)
        #expect(open.host.requests.isEmpty)
    }

    @Test func aTokenWithoutAUserPINSaysSoBeforeAnyIsAskedFor() throws {
        let open = try OpenToken(SoftHSM.shared.makeTokenWithoutPIN(label: "no PIN"), host: TestHost(pin: "123456"))
        let error = try failure { try open.session.using { try open.session.logIn() } }
        #expect(error.code == .policyRefused)
        #expect(error.message.contains("no user PIN"))
        #expect(open.host.requests.isEmpty)
    }

    @Test func aLoginThatTheTokenEndedIsMadeAgainAndNotReadAsAMissingKey() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        for logins in 2...3 {
            try open.session.using {
                #expect(open.session.cryptoki.list.pointee.C_Logout(open.session.handle) == CKR_OK)
            }
            if logins == 2 {
                #expect(try open.session.key(at: key.info.uri).publicKey() == key.publicKey())
            } else {
                _ = try key.sign([1, 2, 3], .ecdsaP256SHA256)
            }
            #expect(open.host.requests.count == logins)
        }
    }

    @Test func aSessionThatTheTokenEndedIsNotUsedAgain() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        open.session.close()
        #expect(open.session.cryptoki.list.pointee.C_CloseAllSessions(open.token.slot) == CKR_OK)
        let session = try open.store.openSession(SessionOptions(isWritable: true), host: open.host)
        defer { session.close() }
        _ = try session.key(at: key.info.uri)
        #expect(open.host.requests.count == 2)
    }

    @Test func aPINThatTheTokenDidNotLookAtIsNotTakenForTheRightOne() throws {
        let token = SoftHSM.shared.makeToken()
        let open = try OpenToken(token)
        // As another library in the process would.
        var pin = Array(token.pin.utf8)
        try open.session.using {
            #expect(
                open.session.cryptoki.login(open.session.handle, CK_USER_TYPE(CKU_USER), &pin, CK_ULONG(pin.count))
                    == CKR_OK)
        }
        try open.session.using { try open.session.logIn() }
        #expect(open.session.connection.gate.pin == nil)
    }
}
