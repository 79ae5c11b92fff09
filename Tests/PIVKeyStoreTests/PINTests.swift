import KeyStoreCore
import KeyStorePlugin
import TemporaryFiles
import Testing
import VirtualYubiKey

/// PINs: which are sent, and how often.
@Suite(.serialized)
struct PINTests {
    @Test func aWrongPINCostsOneTryAndTellsHowManyAreLeft() throws {
        let bench = try Bench()
        bench.host.answers[.pin] = "654321"
        let error = try failure { try bench.session(login: .atOnce) }
        #expect(error.code == .pinIncorrect && error.triesLeft == 2)
        #expect(bench.key.pinTriesLeft == 2 && bench.host.requests.count == 1)
    }

    @Test func aRejectedPINIsNotSentAgain() throws {
        let bench = try Bench(serial: 2001)
        bench.host.answers[.pin] = "654321"
        for _ in 0..<2 { #expect(try failure { try bench.session(login: .atOnce) }.code == .pinIncorrect) }
        #expect(bench.key.pinTriesLeft == 2)
        bench.host.answers[.pin] = "123456"
        try bench.session(login: .atOnce).close()
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test(arguments: ["12345", "123456789", "12345\u{7}"])
    func aPINThatNoCardCanHaveIsNotSent(_ pin: String) throws {
        let bench = try Bench()
        bench.host.answers[.pin] = pin
        #expect(try failure { try bench.session(login: .atOnce) }.code == .invalidData)
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test func anEmptyPINIsNone() throws {
        let bench = try Bench()
        bench.host.answers[.pin] = ""
        #expect(try failure { try bench.session(login: .atOnce) }.code == .pinRequired)
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test func theLastTryNeedsPermission() throws {
        let bench = try Bench(serial: 2002)
        bench.key.setPIN("123456", tries: 1)
        let error = try failure { try bench.session(login: .atOnce) }
        #expect(error.code == .pinLastTry && bench.host.requests.isEmpty)
        #expect(bench.key.pinTriesLeft == 1)
        try bench.session(login: .atOnce, allowsLastTry: true).close()
    }

    @Test func theAttemptThatLocksSaysSoAndALockedPINStaysLockedWithoutBeingSent() throws {
        let bench = try Bench(serial: 2003)
        bench.key.setPIN("123456", tries: 1)
        bench.host.answers[.pin] = "654321"
        let error = try failure { try bench.session(login: .atOnce, allowsLastTry: true) }
        #expect(error.code == .pinIncorrect && error.triesLeft == 0)
        bench.host.answers[.pin] = "123456"
        let count = bench.host.requests.count
        #expect(try failure { try bench.session(login: .atOnce, allowsLastTry: true) }.code == .pinLocked)
        #expect(bench.host.requests.count == count)
    }

    @Test func aPINForEachSignatureIsAskedForEachTime() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session()
        let key = try session.key(at: KeyStoreURI("piv:slot=9c"))
        #expect(bench.host.requests.isEmpty)
        _ = try key.sign([1])
        _ = try key.sign([2])
        #expect(bench.host.requests.map(\.kind) == [.contextPIN, .contextPIN])
        session.close()
    }

    @Test func aWrongPINForOneSignatureCostsOneTryAndTheNextOneMaySucceed() throws {
        let bench = try Bench(serial: 2004)
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9c"))
        bench.host.answers[.contextPIN] = "654321"
        #expect(try failure { try key.sign([1]) }.code == .pinIncorrect)
        #expect(bench.key.pinTriesLeft == 2)
        bench.host.answers[.contextPIN] = "123456"
        _ = try key.sign([1])
        session.close()
    }

    @Test func aPINForOneSignatureThatIsAnotherThanTheOneThatLoggedInDoesNotUseUpTheLastTry() throws {
        let bench = try Bench(serial: 2005)
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session(login: .atOnce)
        let key = try session.key(at: KeyStoreURI("piv:slot=9c"))
        // As another program's failures would leave it.
        bench.key.setPIN("123456", tries: 1)
        bench.key.reset()
        try failure { try bench.session(login: .atOnce) }.expect(.pinLastTry)
        bench.host.answers[.contextPIN] = "654321"
        try failure { try key.sign([1]) }.expect(.pinLastTry)
        #expect(bench.key.pinTriesLeft == 1)
        session.close()
    }

    @Test func thePINComesFromTheReferenceWhereItStandsThere() throws {
        let bench = try Bench()
        let folder = TemporaryFolder()
        let path = try folder.write("pin", "123456\n")
        try bench.session("piv:?pin-source=\(path)", login: .atOnce).close()
        try bench.session("piv:?pin-value=123456", login: .atOnce).close()
        #expect(bench.host.requests.isEmpty)
    }

    @Test func sessionsOfOneProcessShareALogin() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let first = try bench.session(login: .atOnce)
        let second = try bench.session(login: .atOnce)
        _ = try second.key(at: KeyStoreURI("piv:slot=9a")).sign([1])
        #expect(bench.host.requests.count == 1)
        first.close()
        _ = try second.key(at: KeyStoreURI("piv:slot=9a")).sign([1])
        second.close()
    }

    @Test func aKeyThatNeedsNoPINAsksForNone() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .cardAuthentication)
        let session = try bench.session()
        _ = try session.key(at: KeyStoreURI("piv:slot=9e")).sign([1])
        #expect(bench.host.requests.isEmpty)
        session.close()
    }

    @Test func aSessionThatIsNotToLogInSaysThatTheKeyNeedsIt() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try bench.session(login: .never)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        try failure { try key.sign([1]) }.expect(.pinRequired)
        #expect(bench.host.requests.isEmpty && bench.key.pinTriesLeft == 3)
        session.close()
    }
}

extension KeyStoreError {
    /// Records an issue unless this is the code.
    func expect(_ code: Code, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.code == code, "\(self)", sourceLocation: sourceLocation)
    }
}
