import CP11Kit
import Foundation
import Glibc
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// What a store tells of its calls into a module.
struct TraceTests {
    private let pin = "90417263"

    /// What an enrollment does with a store: a new key, its signatures, its certificate, and another program's look at it.
    private func run(_ uri: (String) -> String, host: TestHost) throws {
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(uri(""))), host: host)
        try use(store, uri, host)
        store.close()
    }

    private func use(_ store: PKCS11Backend, _ uri: (String) -> String, _ host: TestHost) throws {
        let session = try store.openSession(SessionOptions(isWritable: true, login: .atOnce), host: host)
        defer { session.close() }
        let key = try session.generateKey(.ecP256, at: try KeyStoreURI(uri("object=traced;id=%01%ff")))
        let signature = try key.sign(message, .ecdsaP256SHA256)
        #expect(try opensslAccepts(signature, of: message, by: try key.publicKey(), .ecdsaP256SHA256))
        try session.forEachKey(matching: nil) { _ in true }
    }

    @Test func everyCallIsThereInOrder() throws {
        let spy = "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"
        let log = SoftHSM.shared.folder + "/" + UUID().uuidString
        setenv("PKCS11SPY", SoftHSM.modulePath, 1)
        setenv("PKCS11SPY_OUTPUT", log, 1)
        defer {
            unsetenv("PKCS11SPY")
            unsetenv("PKCS11SPY_OUTPUT")
        }
        let token = SoftHSM.shared.makeToken(label: "spied", pin: pin)
        let host = TestHost(pin: pin, traces: true)
        try run({ "pkcs11:serial=\(token.serial);\($0)?module-path=\(spy)".replacing(";?", with: "?") }, host: host)

        // OpenSC's spy writes a line such as "12: C_Sign" for each call that comes through it.
        let seen = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap {
            line -> String? in
            let parts = line.split(separator: ": ")
            return parts.count == 2 && Int(parts[0]) != nil && parts[1].hasPrefix("C_") ? String(parts[1]) : nil
        }.filter { $0 != "C_GetFunctionList" && $0 != "C_GetInterface" }
        let told = host.lines.filter { $0.contains("(") && !$0.contains(" = ") }.map { line in
            String(line.split(separator: " ")[2].prefix { $0 != "(" })
        }
        #expect(seen.count > 15)
        #expect(told == seen)
        #expect(host.lines.count == 2 * told.count)
    }

    @Test func noSecretIsInIt() throws {
        let token = SoftHSM.shared.makeToken(label: "traced", pin: pin)
        let host = TestHost(pin: pin, traces: true)
        try run({ token.uri($0) }, host: host)
        let text = host.lines.joined(separator: "\n")
        #expect(!text.contains(pin))
        #expect(!text.contains(Hex.encode(Array(pin.utf8))))
        #expect(!text.contains(Hex.encode(message)))
        #expect(text.contains("C_Login(session: "))
        #expect(text.contains("user: CKU_USER, PIN: ***)"))
    }

    @Test func argumentsAndResultsAreNamed() throws {
        let token = SoftHSM.shared.makeToken(label: "named", pin: pin)
        let host = TestHost(pin: pin, traces: true)
        try run({ token.uri($0) }, host: host)
        let text = host.lines.joined(separator: "\n")
        for expected in [
            "libsofthsm2.so C_Initialize(flags: CKF_OS_LOCKING_OK)",
            "C_Initialize = CKR_CRYPTOKI_ALREADY_INITIALIZED, ", "flags: CKF_RW_SESSION | CKF_SERIAL_SESSION)",
            "mechanism: CKM_EC_KEY_PAIR_GEN, ", "CKA_LABEL \"traced\"", "CKA_ID 01ff", "CKA_EXTRACTABLE false",
            "CKA_CLASS CKO_PRIVATE_KEY", "mechanism: CKM_ECDSA, key: ", "data: 32 bytes, room: ",
            "C_Sign = CKR_OK, signature: 64 bytes, ", " ms",
        ] {
            #expect(text.contains(expected), "\(expected)")
        }
    }

    @Test func aStoreThatIsClosedTellsNoMore() throws {
        let token = SoftHSM.shared.makeToken(pin: pin)
        let (first, second) = (TestHost(pin: pin, traces: true), TestHost(pin: pin))
        let open = try OpenToken(token, host: second)
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(token.uri)), host: first)
        let count = first.lines.count
        _ = try open.session.generateKey(.ecP256, at: try open.uri("object=seen"))
        // A trace is the module's, as the calls of one store may spoil another one's.
        #expect(first.lines.count > count)
        store.close()
        let last = first.lines.count
        _ = try open.session.generateKey(.ecP256, at: try open.uri("object=unseen"))
        #expect(first.lines.count == last)
    }

    @Test func aFailureIsToldWithItsName() throws {
        let token = SoftHSM.shared.makeToken(pin: pin)
        let host = TestHost(pin: "11223344", traces: true)
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(token.uri)), host: host)
        defer { store.close() }
        #expect(try failure { try store.openSession(SessionOptions(login: .atOnce), host: host) }.code == .pinIncorrect)
        #expect(host.lines.contains { $0.contains("C_Login = CKR_PIN_INCORRECT, ") })
    }

    @Test func aTokensTextForgesNoLine() {
        #expect(CallDescription.quoted(Array("a\n\"b\\\u{1b}\u{202e}ä".utf8)) == #""a\u{a}\"b\\\u{1b}\u{202e}ä""#)
    }

    @Test func privateValuesAreLengths() throws {
        var value = Array("0123456789abcdef".utf8)
        for type in [CKA_VALUE, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_COEFFICIENT, 0x8000_0001] {
            let text = value.withUnsafeMutableBytes { bytes in
                AttributeDescription.text(
                    CK_ATTRIBUTE(type: type, pValue: bytes.baseAddress, ulValueLen: CK_ULONG(bytes.count)), room: 16)
            }
            #expect(text.hasSuffix(" 16 bytes"))
        }
    }

    @Test func aLengthThatAModuleMadeUpIsNotRead() {
        var value: [UInt8] = [1, 2]
        let text = value.withUnsafeMutableBytes { bytes in
            AttributeDescription.text(
                CK_ATTRIBUTE(type: CKA_ID, pValue: bytes.baseAddress, ulValueLen: 200), room: 2)
        }
        #expect(text == "CKA_ID 200 bytes")
    }

    @Test func mechanismsAreToldWithTheirParameters() {
        var pss = CK_RSA_PKCS_PSS_PARAMS(hashAlg: CKM_SHA256, mgf: 2, sLen: 32)
        let text = withUnsafeMutableBytes(of: &pss) { bytes in
            MechanismDescription.text(
                CK_MECHANISM(
                    mechanism: CKM_RSA_PKCS_PSS, pParameter: bytes.baseAddress, ulParameterLen: CK_ULONG(bytes.count)))
        }
        #expect(text == "CKM_RSA_PKCS_PSS(CKM_SHA256, MGF 2, salt 32)")
        #expect(
            MechanismDescription.text(CK_MECHANISM(mechanism: 0x8000_1057, pParameter: nil, ulParameterLen: 0))
                == "0x80001057")
    }
}
