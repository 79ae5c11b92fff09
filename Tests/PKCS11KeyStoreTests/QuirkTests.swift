import CP11Kit
import Foundation
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// The named deviations of modules: how they are known, switched, shown, and what they change.
struct QuirkTests {
    private func open(_ token: SoftHSMToken, _ quirks: String = "") throws -> PKCS11Backend {
        let uri = token.uri + (quirks.isEmpty ? "" : "&x-quirks=\(quirks)")
        return try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(uri)), host: TestHost(pin: token.pin))
    }

    /// Runs the body with a writable session on a new token, with the quirks switched.
    private func withSession<Result>(_ quirks: String, _ body: (PKCS11Session) throws -> Result) throws -> Result {
        let token = SoftHSM.shared.makeToken()
        let store = try open(token, quirks)
        defer { store.close() }
        let session = try store.openSession(SessionOptions(isWritable: true), host: TestHost(pin: token.pin))
        defer { session.close() }
        return try body(try #require(session as? PKCS11Session))
    }

    @Test func aReferenceSwitchesQuirksOnAndOff() throws {
        let switches = try QuirkSwitches("no-p521,-oaep-sha1-only")
        #expect(switches.applied(to: [.oaepSHA1Only, .unlistedPSS]).names == ["no-p521", "unlisted-pss"])
        #expect(try QuirkSwitches(nil).applied(to: .noP521) == .noP521)
        #expect(try failure { try QuirkSwitches("no-p521,-no-p521") }.code == .invalidURI)
        #expect(try failure { try QuirkSwitches("no-p521,no-p522") }.message.contains("'no-p522'"))
    }

    @Test func quirksHaveNamesOfTheirOwnAndThePageExplainsEach() throws {
        #expect(Set(Quirks.named.map(\.name)).count == Quirks.named.count)
        #expect(Set(Quirks.named.map(\.quirk.rawValue)).count == Quirks.named.count)
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Plugins/PKCS11KeyStore/README.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for (name, _) in Quirks.named { #expect(text.contains("\n| `\(name)` |"), "the page lacks \(name)") }
    }

    @Test func aListingTellsTheModuleItsLibraryItsQuirksAndMechanisms() throws {
        let token = SoftHSM.shared.makeToken()
        func properties(_ quirks: String) throws -> [String: String] {
            let store = try open(token, quirks)
            defer { store.close() }
            var tokens: [TokenInfo] = []
            try store.forEachToken(all: false) {
                tokens.append($0)
                return true
            }
            return Dictionary(uniqueKeysWithValues: try #require(tokens.first).properties.map { ($0.name, $0.value) })
        }
        let known = try properties("")
        #expect(known["module"] == (try ModuleLibrary.realPath(SoftHSM.modulePath)))
        #expect(known["library"]?.hasPrefix("SoftHSM Implementation of PKCS11 2.") == true)
        #expect(known["quirks"] == "oaep-sha1-only")
        #expect(known["mechanisms"]?.contains("CKM_ECDSA") == true)
        #expect(try properties("-oaep-sha1-only")["quirks"] == "none")
        #expect(try properties("no-p521,-oaep-sha1-only")["quirks"] == "no-p521")
    }

    @Test func p521KeysAreNeitherMadeNorImportedWhereTheyDoNotSign() throws {
        try withSession("no-p521") { session in
            let error = try failure { try session.generateKey(.ecP521, at: try KeyStoreURI("pkcs11:object=p521")) }
            #expect(error.code == .unsupportedMechanism)
            _ = try session.generateKey(.ecP384, at: try KeyStoreURI("pkcs11:object=p384"))
        }
        try withSession("") { session in
            _ = try session.generateKey(.ecP521, at: try KeyStoreURI("pkcs11:object=p521"))
        }
    }

    @Test func whatAKeyIsNotForIsLeftUnsaid() throws {
        func decrypts(_ quirks: String) throws -> Bool {
            try withSession(quirks) { session in
                _ = try session.generateKey(.rsa(bits: 2048), at: try KeyStoreURI("pkcs11:object=uses"))
                return try session.using {
                    try session.records(CKO_PRIVATE_KEY, id: nil, label: Array("uses".utf8))[0].canDecrypt
                }
            }
        }
        // SoftHSM's own default is that a key does everything.
        #expect(try decrypts("unsaid-uses"))
        #expect(try !decrypts(""))
    }

    @Test(arguments: [
        ("", [EncryptionAlgorithm.rsaOAEPSHA1, .rsaPKCS1]),
        ("-oaep-sha1-only", EncryptionAlgorithm.all), ("no-pkcs1-decryption", [.rsaOAEPSHA1]),
    ])
    func whatFailsIsNotOffered(quirks: String, offered: [EncryptionAlgorithm]) throws {
        try withSession(quirks) { session in
            let key = try session.generateKey(
                .rsa(bits: 2048), purpose: .decrypt, at: try KeyStoreURI("pkcs11:object=offered"))
            #expect(key.info.decryptionAlgorithms == offered)
        }
    }

    @Test func paddingThatTheListLacksIsOffered() throws {
        try withSession("unlisted-pss") { session in
            let mechanisms = try session.using { try session.mechanisms() }
            #expect(mechanisms.contains(.rsaPSS))
        }
        #expect(Quirks.known(of: library("tpm2-software.github.io", "")).contains(.unlistedPSS))
        #expect(Quirks.known(of: library("SoftHSM", "")).isEmpty)
        #expect(Quirks.known(of: library("IBM", "Meta PKCS11 LIBRARY")).contains(.noPKCS1Decryption))
    }

    @Test(arguments: [
        (String?.none, true), ("/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so", true),
        ("/usr/lib/x86_64-linux-gnu/libp11-kit.so.0.3.0", true), ("/usr/lib/softhsm/libsofthsm2.so", false),
    ])
    func aModuleInAnotherProcessIsKnownByItsPath(path: String?, holds: Bool) {
        #expect(Quirks.known(at: path).contains(.holdSIGPIPE) == holds)
    }

    private func library(_ manufacturer: String, _ description: String) -> Module.Library {
        Module.Library(
            manufacturer: Array(manufacturer.utf8), description: Array(description.utf8), version: Array("1.0".utf8))
    }
}
