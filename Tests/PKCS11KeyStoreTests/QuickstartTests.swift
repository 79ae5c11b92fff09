import KeyStoreCore
import KeyStorePlugin
import Testing

@testable import PKCS11KeyStore

/// The HSM quickstart of OpenZiti's documentation, with its own commands and key references; and a module's whole life.
@Suite(.serialized)
struct QuickstartTests {
    @Test func theQuickstartsKeysSignUnderTheQuickstartsReferences() throws {
        let hsm = try SeparateSoftHSM()
        let pin = "2222"
        try hsm.pkcs11Tool(["--init-token", "--label", "ziti-test-token", "--so-pin", "1111"])
        try hsm.pkcs11Tool([
            "--token-label", "ziti-test-token", "--init-pin", "--login", "--login-type", "so", "--so-pin", "1111",
            "--new-pin", pin,
        ])
        let common = ["-p", pin, "-k", "--usage-sign", "--login"]
        try hsm.pkcs11Tool(common + ["--key-type", "rsa:2048", "--id", "01", "--label", "ziti-rsa-key"])
        try hsm.pkcs11Tool(common + ["--key-type", "EC:prime256v1", "--id", "02", "--label", "ziti-ecdsa-key"])

        for (id, type, label) in [("01", KeyType.rsa(bits: 2048), "ziti-rsa-key"), ("02", .ecP256, "ziti-ecdsa-key")] {
            let reference = "pkcs11://\(hsm.modulePath)?id=\(id)&pin=\(pin)"
            let host = TestHost()
            let store = try hsm.open(reference, host: host)
            defer { store.close() }
            let session = try store.openSession(SessionOptions(), host: host)
            defer { session.close() }
            let key = try session.key(at: try KeyStoreURI(reference))
            #expect(key.info.type == type)
            #expect(key.info.label == label)
            #expect(key.info.uri.text.hasPrefix("pkcs11:token=ziti-test-token;serial="))
            // The module stands in no configuration, so that the reference must name it.
            #expect(
                key.info.uri.text.hasSuffix(";id=%\(id);object=\(label);type=private?module-path=\(hsm.modulePath)"))
            for algorithm in type.algorithms {
                let signature = try key.sign(message, algorithm)
                #expect(try opensslAccepts(signature, of: message, by: try key.publicKey(), algorithm))
            }
            #expect(host.requests.isEmpty)
            #expect(host.libraries.map(\.path) == [hsm.modulePath])
            #expect(host.libraries.map(\.origin) == [.reference])
        }
    }

    @Test func aModuleIsFinalisedAfterItsLastStoreAndInitialisedAnew() throws {
        let hsm = try SeparateSoftHSM()
        let uri = "pkcs11:?module-path=\(hsm.modulePath)"
        var seen: [Int] = []
        for label in ["one", "two"] {
            try hsm.pkcs11Tool(["--init-token", "--slot-index", "\(seen.count)", "--label", label, "--so-pin", "1111"])
            let first = try hsm.open(uri, host: TestHost())
            let second = try hsm.open(uri, host: TestHost())
            first.close()
            var count = 0
            try second.forEachToken(all: false) { _ in
                count += 1
                return true
            }
            second.close()
            // Only an initialisation shows the module what another process has made.
            seen.append(count)
        }
        #expect(seen == [1, 2])
    }

    @Test func aModuleThatSomebodyElseInitialisedStaysSo() throws {
        let hsm = try SeparateSoftHSM()
        let holder = try hsm.open("pkcs11:?module-path=\(hsm.modulePath)", host: TestHost())
        let list = try ModuleLibrary.load(hsm.modulePath)
        let other = try Module(list, path: nil, name: "other user", isConfigured: false, manager: .own)
        try other.acquire()
        other.release()
        #expect(try other.slots(withToken: true).isEmpty == false)
        holder.close()
        #expect(try failure { try other.slots(withToken: true) }.native?.name == "CKR_CRYPTOKI_NOT_INITIALIZED")
    }

    @Test func aTokenThatIsGoneIsNotTakenForAKeyThatIsNotThere() throws {
        let hsm = try SeparateSoftHSM()
        let store = try hsm.open("pkcs11:token=nobody?module-path=\(hsm.modulePath)", host: TestHost())
        defer { store.close() }
        #expect(try failure { try store.openSession(SessionOptions(), host: TestHost()) }.code == .noSuchToken)
    }
}
