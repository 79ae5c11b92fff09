import KeyStoreCore
import Testing

struct KeyStoreErrorTests {
    @Test func errorsAreEqualWhenTheirCodesAre() {
        #expect(KeyStoreError(.busy, "a", operation: "x") == KeyStoreError(.busy, "b", subject: "y"))
        #expect(KeyStoreError(.pinIncorrect, "a") != KeyStoreError(.pinLocked, "a"))
    }

    @Test func everyCodeHasANameOfItsOwnAndAnUnknownOneItsNumber() {
        let names = KeyStoreError.Code.known.map(\.description)
        #expect(Set(names).count == KeyStoreError.Code.known.count)
        #expect(!names.contains { $0.hasPrefix("code") })
        #expect(KeyStoreError.Code(rawValue: 4711).description == "code4711")
        #expect(KeyStoreError.Code(rawValue: -1).description == "code-1")
    }

    @Test(arguments: [
        (KeyStoreError.Code.noSuchToken, KeyStoreError.Responsible.user), (.pinIncorrect, .user), (.keyExists, .user),
        (.invalidURI, .user), (.pinLocked, .administrator), (.noSuchBackend, .administrator),
        (.untrustedLibrary, .administrator), (.backendFailure, .administrator), (.invalidReply, .program),
        (.unsupportedMechanism, .program), (.unsupportedOperation, .program),
    ])
    func aCodeSaysWhoMustAct(_ code: KeyStoreError.Code, _ responsible: KeyStoreError.Responsible) {
        #expect(KeyStoreError(code, "").responsible == responsible)
    }

    @Test func onlyWhatPassesByItselfIsWorthARetry() {
        let passing = KeyStoreError.Code.known.filter { KeyStoreError($0, "").mayPassOnRetry }
        #expect(passing == [.tokenRemoved, .touchTimeout, .timedOut, .busy, .cancelled])
    }

    @Test func fillingInKeepsWhatIsThere() {
        let error = KeyStoreError(.busy, "m", operation: "sign", subject: "x:a")
        #expect(error.during("open", of: "x:b").operation == "sign")
        #expect(error.during("open", of: "x:b").subject == "x:a")
        #expect(KeyStoreError(.busy, "m").during("open", of: "x:b").operation == "open")
        #expect(KeyStoreError(.busy, "m").during("open", of: "x:b").subject == "x:b")
    }

    @Test func aDescriptionHoldsCodeMessageTriesAndNativeError() {
        let error = KeyStoreError(
            .pinIncorrect, "the PIN is wrong",
            native: NativeError(domain: "PKCS#11", function: "C_Login", name: "CKR_PIN_INCORRECT", number: 0xA0),
            triesLeft: 2)
        #expect(
            "\(error)"
                == "pinIncorrect: the PIN is wrong (2 tries left) [PKCS#11 C_Login: CKR_PIN_INCORRECT (0xa0)]")
        #expect("\(NativeError(domain: "errno", function: "open", name: "", number: 13))" == "errno open: (0xd)")
    }
}
