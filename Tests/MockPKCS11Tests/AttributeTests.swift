import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import PKCS11KeyStore
import Testing

/// Attributes that a module reads wrongly, withholds, or answers about inconsistently.
struct AttributeTests {
    /// All that are read of keys and certificates.
    static let attributes = [
        "CKA_CLASS", "CKA_KEY_TYPE", "CKA_ID", "CKA_LABEL", "CKA_EC_PARAMS", "CKA_EC_POINT", "CKA_MODULUS",
        "CKA_PUBLIC_EXPONENT", "CKA_EXTRACTABLE", "CKA_ALWAYS_AUTHENTICATE", "CKA_SIGN", "CKA_PRIVATE", "CKA_TOKEN",
        "CKA_SENSITIVE", "CKA_PUBLIC_KEY_INFO", "CKA_VALUE", "CKA_DECRYPT", "CKA_DERIVE", "CKA_ALLOWED_MECHANISMS",
    ]
    static let quirks = [
        "unavailable", "sensitive", "unavailable-ok", "empty", "short 1", "short 7", "length 1", "length 9",
        "length 200",
        "length 5000", "length 70000", "length max", "length unavailable", "query 0", "query 5000", "query max",
        "grow 1",
        "grow 1000", "fill 0", "fill 1", "fill 2", "fill 300", "fill 5000", "fill 65536", "remove", "number 0",
        "number 77",
        "number max", "hex 00", "hex FF", "hex 0400",
    ]
    /// What an object that cannot be right may lead to; never what a device, a PIN or another token would.
    static let codes: Set<KeyStoreError.Code> = [
        .invalidReply, .noSuchKey, .noSuchCertificate, .ambiguousKey, .unsupportedMechanism, .policyRefused,
        .invalidURI,
        .invalidData, .keyExists,
    ]

    @Test(arguments: attributes)
    func noAttributeMakesAWrongSignatureOrAWrongError(attribute: String) throws {
        let module = try MockModule()
        var problems: [String] = []
        func note(_ what: String, _ body: () throws -> Void) throws {
            do {
                try body()
            } catch let error as KeyStoreError where Self.codes.contains(error.code) {
            } catch {
                problems.append("\(what): \(error)")
            }
        }
        for objectClass in ["private", "public", "any"] {
            for quirk in Self.quirks {
                for errors in ["first", "last", "stop"] {
                    let what = "attribute \(objectClass) \(attribute) \(quirk)"
                    try module.run(
                        "reset\nkey RSA-2048 label=rsa id=02 certificate=yes\nattribute-errors \(errors)\n\(what)")
                    let open = try OpenMock(module)
                    try note(what) {
                        let key = try open.key()
                        let signature = try key.sign(message)
                        if !KnownKeys.first.isValidSignature(
                            signature, of: .message(message), using: .ecdsaP256SHA256)
                        {
                            problems.append("\(what): a signature is not by the key")
                        }
                    }
                    try note(what) { _ = try open.key().publicKey() }
                    try note(what) { _ = try open.list() }
                    try note(what) {
                        _ = try open.session.generateKey(.ecP256, at: try open.uri("object=new;id=%07"))
                    }
                    let certificates = open.session as? any CertificateBackendSession
                    try note(what) {
                        let rsa = try KeyStoreURI(module.uri("object=rsa"))
                        _ = try #require(certificates).certificates(at: rsa)
                    }
                    if module.value("C_Login") > 1 { problems.append("\(what): more than one login") }
                    problems += module.violations
                }
            }
        }
        #expect(problems.isEmpty, "\(problems.count):\n\(problems.prefix(40).joined(separator: "\n"))")
    }

    @Test(arguments: ["first", "last"])
    func aLongLabelIsReadWhateverTheModuleSaysOfTheOthers(errors: String) throws {
        let open = try OpenMock(script: "attribute-errors \(errors)\nattribute any CKA_LABEL fill 1000")
        let label = String(repeating: "x", count: 1000)
        #expect(try open.list().map(\.label) == [label])
        #expect(try open.key("object=\(label)").signsValidly(by: KnownKeys.first))
    }

    @Test func aLabelThatIsTooLongIsAWrongReply() throws {
        let open = try OpenMock(script: "attribute any CKA_LABEL fill 1025")
        #expect(try failure { try open.list() }.code == .invalidReply)
    }

    @Test func anAttributeThatGrowsWhileItIsReadIsReadOrAWrongReply() throws {
        let open = try OpenMock(script: "attribute any CKA_LABEL fill 200\nattribute any CKA_LABEL grow 1")
        let error = try failure { try open.list() }
        #expect([.invalidReply, .backendFailure].contains(error.code), "\(error)")
        try open.module.run("plain-attributes")
        #expect(try open.list().count == 1)
    }

    @Test func aModuleThatStopsReadingAtTheFirstMissingAttributeIsReadAllTheSame() throws {
        let open = try OpenMock(
            script: "attribute-errors stop\nkey RSA-2048 label=rsa id=02\nkey Ed25519 label=ed id=03")
        #expect(try Set(open.list().map(\.label)) == ["key", "rsa", "ed"])
        #expect(try open.list().allSatisfy { $0.publicKey != nil && !$0.isExtractable })
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(try open.key("object=rsa").signsValidly(.rsaPSSSHA256))
    }

    @Test func idsAndLabelsThatAreNotTextAreKeptAsTheyAre() throws {
        let open = try OpenMock(script: "attribute any CKA_LABEL hex FF00C3\nattribute any CKA_ID hex 00FF")
        let info = try #require(try open.list().first)
        #expect(info.id == [0, 0xFF])
        #expect(info.uri.text.contains("object=%FF%00%C3") && info.uri.text.contains("id=%00%FF"))
        #expect(try open.session.key(at: info.uri).signsValidly(by: KnownKeys.first))
    }
}
