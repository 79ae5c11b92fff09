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
        for (objects, errors) in [("private", "last"), ("public", "last"), ("any", "first"), ("any", "stop")] {
            for quirk in Self.quirks {
                let script = "attribute-errors \(errors)\nattribute \(objects) \(attribute) \(quirk)"
                problems += try self.problems(module, script).map { "\(script): \($0)" }
            }
        }
        #expect(problems.isEmpty, "\(problems.count):\n\(problems.prefix(12).joined(separator: "\n"))")
    }

    /// What is wrong with what comes of everything that reads attributes; empty if all is well.
    private func problems(_ module: MockModule, _ script: String) throws -> [String] {
        try module.run("reset\nkey RSA-2048 label=rsa id=02 certificate=yes\n\(script)")
        let open = try OpenMock(module)
        var problems: [String] = []
        func note(_ body: () throws -> Void) {
            do {
                try body()
            } catch let error as KeyStoreError where Self.codes.contains(error.code) {
            } catch {
                problems.append("\(error)")
            }
        }
        note {
            let signature = try open.key().sign(message)
            let isValid = KnownKeys.first.isValidSignature(signature, of: .message(message), using: .ecdsaP256SHA256)
            if !isValid { problems.append("a signature is not by the key") }
        }
        note { _ = try open.key().publicKey() }
        note { _ = try open.list() }
        note { _ = try open.session.generateKey(.ecP256, at: try open.uri("object=new;id=%07")) }
        let certificates = try #require(open.session as? any CertificateBackendSession)
        note { _ = try certificates.certificates(at: try open.uri("object=rsa")) }
        if module.log.filter({ $0.hasPrefix("C_Login") && $0.hasSuffix("user") }).count > 1 {
            problems.append("more than one login")
        }
        return problems + module.violations
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
        #expect(error.code == .invalidReply)
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

    @Test func aKeyWhoseLabelIsNoTextIsNamedByItsID() throws {
        let open = try OpenMock(script: "attribute any CKA_LABEL hex FF00C3\nattribute any CKA_ID hex 00FF")
        let info = try #require(try open.list().first)
        #expect(info.id == [0, 0xFF])
        // The id names the key; a reference holds text only.
        #expect(info.uri.text.contains("id=%00%FF") && !info.uri.text.contains("object="))
        #expect(try open.session.key(at: info.uri).signsValidly(by: KnownKeys.first))
    }
}
