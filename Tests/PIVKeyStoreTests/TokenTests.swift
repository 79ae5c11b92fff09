import KeyStoreCore
import KeyStorePlugin
import KeyStoreTesting
import Testing
import VirtualYubiKey

@testable import PIVKeyStore

/// Lists of tokens and keys.
@Suite(.serialized)
struct TokenTests {
    private func tokens(_ bench: Bench, _ uri: String = "piv:", all: Bool = false) throws -> [TokenInfo] {
        var tokens: [TokenInfo] = []
        try bench.store(uri).forEachToken(all: all) {
            tokens.append($0)
            return true
        }
        return tokens
    }

    @Test func aFactoryKeyIsReportedAsOne() throws {
        let bench = try Bench(.v5_7_1)
        let token = try #require(try tokens(bench).first)
        #expect(token.uri.text == "piv:serial=112233" && token.serial == "112233" && token.triesLeft == 3)
        #expect(token.flags.isSuperset(of: [.pinDefault, .pukDefault, .managementKeyDefault]))
        for property in [("firmware", "5.7.1"), ("form", "USB-A keychain"), ("management-key", "AES192")] {
            #expect(token.properties.contains(.init(name: property.0, value: property.1)))
        }
        #expect(bench.host.requests.isEmpty)
    }

    @Test func aKeyWithSecretsOfItsOwnIsNotReportedAsAFactoryKey() throws {
        let bench = try Bench()
        bench.key.setPIN("777777", tries: 1)
        bench.key.setPUK("77777777", tries: 0)
        bench.key.setManagementKey([UInt8](repeating: 0x5A, count: 24), .tripleDES)
        let token = try #require(try tokens(bench).first)
        #expect(token.flags.isDisjoint(with: [.pinDefault, .pukDefault, .managementKeyDefault]))
        #expect(token.flags.contains(.pukLocked) && token.triesLeft == 1 && token.flags.contains(.pinFinalTry))
    }

    @Test func severalTokensAndEmptyReadersAreListed() throws {
        let bench = try Bench(serial: 1001)
        let one = try tokens(bench, all: true)
        #expect(one.count == 2 && one.filter { $0.flags.contains(.initialised) }.count == 1)
        let second = try YubiKey(firmware: FirmwareVersion(5, 2, 4), serial: 1002)
        try second.plug(intoPort: bench.daemon.ports[1])
        defer { second.unplug() }
        #expect(try tokens(bench).map(\.serial) == ["1001", "1002"])
        #expect(try tokens(bench, "piv:serial=1002").map(\.serial) == ["1002"])
    }

    @Test func listingTokensLogsNoOtherProgramOut() throws {
        let bench = try Bench()
        let session = try bench.session(login: .atOnce)
        _ = try tokens(bench)
        try bench.key.generate(.p256, in: .authentication)
        _ = try session.key(at: KeyStoreURI("piv:slot=9a")).sign([1])
        #expect(bench.host.requests.count == 1)
        session.close()
    }

    @Test func aListingHasEveryKeyWithItsCertificateAndReadsNothingElse() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        try bench.key.generate(.rsa2048, in: 0x95)
        try bench.key.putCertificate(in: 0x95, commonName: "test")
        let session = try bench.session()
        var keys: [KeyInfo] = []
        let commands = try bench.commands {
            try session.forEachKey(matching: nil) {
                keys.append($0)
                return true
            }
        }
        #expect(keys.map(\.uri.text) == ["piv:serial=112233;slot=9a", "piv:serial=112233;slot=95"])
        #expect(keys.map(\.hasCertificate) == [false, true])
        #expect(keys.allSatisfy { $0.hasPrivateKey && $0.publicKey != nil })
        // The metadata of each slot, and the certificates of two.
        #expect(commands.count { $0.hasPrefix("00 F7") } == 24)
        #expect(commands.count { $0.hasPrefix("00 CB") } == 2)
        #expect(bench.host.requests.isEmpty)
        session.close()
    }

    @Test func aTraceHasALineForEachCommandAndNoSecret() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .signature)
        let session = try bench.session(login: .atOnce)
        let commands = try bench.commands {
            _ = try session.key(at: KeyStoreURI("piv:slot=9c")).sign([1])
        }
        let lines = bench.host.lines.suffix(commands.count)
        #expect(Array(lines)[0].hasPrefix("APDU 00 f7 00 9c Lc=0 -> 9000, "))
        #expect(Array(lines)[1] == "APDU 00 20 00 80 Lc=*** -> 9000, 0 bytes")
        #expect(Array(lines)[2].hasPrefix("APDU 00 87 11 9c Lc=38 -> 9000, "))
        #expect(bench.host.lines.count == bench.host.lines.filter { $0.hasPrefix("APDU ") }.count)
        session.close()
    }

    @Test func aReferenceForTheSDKsIsTheOneOfYubicosModule() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .signature)
        let session = try #require(try bench.session() as? any SDKReferencingBackendSession)
        let reference = try session.sdkReference(at: KeyStoreURI("piv:slot=9c"))
        let text = reference.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(text.hasPrefix("pkcs11:///usr/lib/") && text.hasSuffix("?id=02&pin=123456"))
        #expect(text.contains("libykcs11"))
        session.close()
    }

    @Test func aDeviceThatTheSDKsWouldNotTakeGetsNoReferenceForThem() throws {
        let bench = try Bench()
        let second = try YubiKey(serial: 445_566)
        try second.generate(.p256, in: .authentication)
        try second.plug(intoPort: bench.daemon.ports[1])
        defer { second.unplug() }
        let session = try #require(try bench.session("piv:serial=445566") as? any SDKReferencingBackendSession)
        try failure { try session.sdkReference(at: KeyStoreURI("piv:slot=9a")) }.expect(.unsupportedOperation)
        #expect(second.pinTriesLeft == 3)
        bench.key.unplug()
        #expect(try !session.sdkReference(at: KeyStoreURI("piv:slot=9a")).isEmpty)
        session.close()
    }

    @Test func aWrongPINIsNotWrittenIntoAReferenceForTheSDKs() throws {
        let bench = try Bench(serial: 4001)
        try bench.key.generate(.p256, in: .authentication)
        let session = try #require(try bench.session(login: .atOnce) as? any SDKReferencingBackendSession)
        bench.host.answers[.pin] = "999999"
        try failure { try session.sdkReference(at: KeyStoreURI("piv:slot=9a")) }.expect(.pinIncorrect)
        #expect(bench.key.pinTriesLeft == 3)
        session.close()
    }
}
