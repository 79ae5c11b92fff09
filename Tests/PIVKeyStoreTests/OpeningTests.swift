import ChildProcess
import Glibc
import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import TemporaryFiles
import Testing
import VirtualYubiKey

@testable import PIVKeyStore

/// What stands between a reference and a token, each with an error of its own.
@Suite(.serialized)
struct OpeningTests {
    private func store(_ uri: String = "piv:", timeoutMilliseconds: UInt32? = nil) throws -> PIVBackend {
        try PIVBackend(
            opening: OpenRequest(uri: try KeyStoreURI(uri), timeoutMilliseconds: timeoutMilliseconds), host: TestHost())
    }

    private func openingFailure(_ uri: String = "piv:", timeoutMilliseconds: UInt32? = nil) throws -> KeyStoreError {
        try failure {
            try store(uri, timeoutMilliseconds: timeoutMilliseconds).openSession(SessionOptions(), host: TestHost())
        }
    }

    @Test func aDaemonThatIsNotThereIsSaidToBeMissing() throws {
        try PCSCDaemon().stop()
        let error = try openingFailure()
        #expect(error.code == .backendFailure && error.native?.name == "SCARD_E_NO_SERVICE")
        #expect(error.message.contains("pcscd") && error.message.contains("not running"))
    }

    @Test func anEmptyReaderIsSaidToBeEmpty() throws {
        let daemon = try PCSCDaemon()
        let error = try openingFailure()
        #expect(error.code == .noSuchToken && error.message.contains("empty"), "\(error)")
        _ = daemon
    }

    @Test func aMachineWithoutReadersIsSaidToHaveNone() throws {
        let daemon = try PCSCDaemon(readerNames: [])
        let error = try openingFailure()
        #expect(error.code == .noSuchToken && error.native?.name == "SCARD_E_NO_READERS_AVAILABLE", "\(error)")
        _ = daemon
    }

    @Test func aDaemonThatThisUserMayNotUseIsSaidToRefuse() throws {
        let bench = try Bench()
        let socket = "/run/pcscd/pcscd.comm"
        try #require(chmod(socket, 0o700) == 0 && chmod("/run/pcscd", 0o755) == 0)
        let outcome = try Program.system(
            "setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", BuildFolder.path + "/ziti-keystore", "tokens",
                "piv:",
            ]
        ).runBlocking()
        #expect(outcome.status == 77 && outcome.errorText.contains("may not use pcscd"), "\(outcome)")
        _ = bench
    }

    @Test func aCardWithoutThePIVAppletIsSaidToHaveNone() throws {
        let daemon = try PCSCDaemon()
        let reader = try ReaderConnection(PlainCard(), port: daemon.ports[0])
        defer { reader.close() }
        let error = try openingFailure()
        #expect(error.code == .noSuchToken && error.message.contains("no PIV applet"), "\(error)")
        #expect(
            error.native
                == NativeError(
                    domain: "PIV SW", function: "SELECT", name: "FILE_NOT_FOUND", number: 0x6A82))
    }

    @Test func twoKeysWithoutASerialNumberAreListedAsReferencesThatSelectThem() throws {
        let bench = try Bench(serial: 1001)
        let second = try YubiKey(serial: 1002)
        try second.plug(intoPort: bench.daemon.ports[1])
        defer { second.unplug() }
        let error = try failure { try bench.session("piv:slot=9a") }
        #expect(error.code == .ambiguousToken)
        for uri in ["piv:serial=1001;slot=9a", "piv:serial=1002;slot=9a"] {
            #expect(error.message.contains(uri))
            try bench.session(uri).close()
        }
        #expect(bench.host.requests.isEmpty)
    }

    @Test func aSerialNumberThatIsNotThereIsNoSuchTokenAndTheOneThatIsThereIsNamed() throws {
        let bench = try Bench()
        let error = try failure { try bench.session("piv:serial=7") }
        #expect(error.code == .noSuchToken && error.message.contains("112233"), "\(error)")
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test func aReaderIsAHintOnly() throws {
        let bench = try Bench()
        try bench.session("piv:serial=112233;reader=elsewhere").close()
    }

    @Test func aFirmwareThatTellsNoSerialNumberItselfIsAskedThroughItsOtherApplet() throws {
        let bench = try Bench(FirmwareVersion(4, 3, 7))
        let session = try bench.session("piv:serial=112233")
        #expect(try session.token.serial == "112233")
        session.close()
    }

    @Test func aCardOfAnotherMakerIsNamedByItsReaderAndItsKeysByTheirCertificates() throws {
        let bench = try Bench()
        let publicKey = try PublicKey(der: bench.key.generate(.p256, in: .authentication))
        try bench.key.putCertificate(in: .authentication, commonName: "test")
        bench.key.fail(atAPDU: 1, instruction: 0xFD, with: .status(StatusWord(0x6D00)))
        let session = try bench.session(login: .atOnce)
        let reader = try ResourceManager(waitingAtMost: .seconds(5)).readers()[0]
        #expect(try session.token.serial.isEmpty && session.token.uri.text.hasPrefix("piv:reader=Yubico"))
        #expect(try session.token.location == reader)
        let key = try session.key(at: KeyStoreURI("piv:slot=9a"))
        #expect(publicKey.isValidSignature(try key.sign([1]), of: [1], using: .ecdsaP256SHA256))
        try failure { try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9d")) }.expect(.unsupportedMechanism)
        session.close()
    }

    @Test(arguments: ["pkcs11:token=YubiKey%20PIV%20%23112233", "pkcs11:serial=112233", "pkcs11:serial=00112233"])
    func aPKCS11ReferenceSelectsTheToken(_ uri: String) throws {
        let bench = try Bench()
        try bench.session(uri).close()
        let error = try failure { try bench.session("pkcs11:serial=5") }
        #expect(error.code == .noSuchToken)
    }

    @Test func aReferenceOfOpenSCSelectsTheTokenByTheEndOfItsGUID() throws {
        let bench = try Bench()
        bench.key.putCHUID()
        let guid = try TLVReader.fields(try #require(bench.key.object(0x5FC102)))[0x34]
        let serial = Bench.hexadecimal(Array(try #require(guid).suffix(8)))
        try bench.session("pkcs11:serial=\(serial);token=some%20name").close()
        #expect(try failure { try bench.session("pkcs11:serial=0000000000000000") }.code == .noSuchToken)
    }

    @Test func closingWithoutALoginLeavesTheCardAsItIs() throws {
        let bench = try Bench()
        let manager = try ResourceManager(waitingAtMost: .seconds(5))
        let other = try Card(in: try #require(try manager.readers().first), manager, trace: nil)
        bench.key.clearLog()
        try bench.session().close()
        #expect(bench.key.log.resetCount == 0)
        other.disconnect()
    }

    @Test func closingAfterALoginMakesTheCardForgetItUnlessAnotherProgramIsConnected() throws {
        let bench = try Bench()
        let manager = try ResourceManager(waitingAtMost: .seconds(5))
        let reader = try #require(try manager.readers().first)
        let session = try bench.session(login: .atOnce)
        let other = try Card(in: reader, manager, trace: nil)
        bench.key.clearLog()
        session.close()
        #expect(bench.key.log.resetCount == 0)
        let again = try bench.session(login: .atOnce)
        other.disconnect()
        again.close()
        let status = try Card(in: reader, manager, trace: nil).checkedPINStatus()
        #expect(status == .needed(triesLeft: 3))
    }
}

extension Card {
    /// What the card says of its PIN, after selecting the applet.
    func checkedPINStatus() throws -> PINStatus {
        try transaction { () throws(KeyStoreError) in
            try Applet(card: self).select()
            return try Applet(card: self).pinStatus()
        }
    }
}
