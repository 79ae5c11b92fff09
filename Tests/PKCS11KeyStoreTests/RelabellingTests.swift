import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Other names for keys.
struct RelabellingTests {
    @Test func aKeyIsCalledOtherwiseWithItsPublicKeyAndItsCertificate() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=old;id=%01"))
        let publicKey = try key.publicKey()
        let root = try TestCertificates.authority("/CN=root")
        let leaf = try TestCertificates.issued(for: publicKey, by: root)
        try open.session.store([leaf, root.certificate], at: key.info.uri)
        let info = try open.session.relabel(at: key.info.uri, label: "new", id: [2, 3])
        #expect(info.label == "new" && info.id == [2, 3] && info.publicKey == publicKey)
        let found = try open.session.key(at: info.uri)
        let signature = try found.sign(message, .ecdsaP256SHA256)
        #expect(try opensslAccepts(signature, of: message, by: publicKey, .ecdsaP256SHA256))
        #expect(try found.publicKey() == publicKey)
        #expect(try open.session.certificates(at: info.uri) == [leaf, root.certificate])
        #expect(try failure { try open.session.key(at: key.info.uri) }.code == .noSuchKey)
        let objects = try Tool.pkcs11Tool(open.token, ["--list-objects"])
        #expect(!objects.contains("old") && objects.ranges(of: "0203").count == 3)
    }

    @Test func oneOfTheTwoMayStay() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.rsa(bits: 2048), at: try open.uri("object=a;id=%01"))
        let labelled = try open.session.relabel(at: key.info.uri, label: "b", id: nil)
        #expect(labelled.label == "b" && labelled.id == [1])
        let numbered = try open.session.relabel(at: labelled.uri, label: nil, id: [9])
        #expect(numbered.label == "b" && numbered.id == [9])
        #expect(try open.session.relabel(at: numbered.uri, label: "b", id: [9]) == numbered)
        #expect(try open.session.relabel(at: numbered.uri, label: nil, id: nil) == numbered)
        let nameless = try open.session.relabel(at: numbered.uri, label: "", id: nil)
        #expect(nameless.label.isEmpty && nameless.id == [9])
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 2)
    }

    @Test func aNameThatAnotherKeyHasIsKeyExistsAndNothingChanges() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        _ = try open.session.generateKey(.ecP256, at: try open.uri("object=b;id=%02"))
        for (label, id) in [("b", nil), (nil, [2]), ("b", [3]), ("c", [2])] as [(String?, [UInt8]?)] {
            let error = try failure { try open.session.relabel(at: key.info.uri, label: label, id: id) }
            #expect(error.code == .keyExists)
            #expect(error.subject == key.info.uri.text && error.operation == "relabel key")
        }
        #expect(try open.session.key(at: key.info.uri).info.label == "a")
    }

    @Test func whatNamesNothingOrIsTooLongIsRefused() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        for (label, id) in [
            (nil, []), ("", []), (String(repeating: "x", count: 1025), nil), (nil, [UInt8](repeating: 1, count: 257)),
        ] as [(String?, [UInt8]?)] {
            #expect(
                try failure { try open.session.relabel(at: key.info.uri, label: label, id: id) }.code == .invalidData)
        }
        #expect(
            try failure { try open.session.relabel(at: try open.uri("id=%07"), label: "b", id: nil) }.code == .noSuchKey
        )
        let reading = try OpenToken(open.token, SessionOptions())
        #expect(
            try failure { try reading.session.relabel(at: key.info.uri, label: "b", id: nil) }.code == .policyRefused)
    }

    @Test func aTokenThatRefusesLeavesTheOldName() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        let result = try open.session.using {
            // The public key first, so that the private one has been renamed when the refusal comes.
            let handle = try #require(try open.session.records(CKO_PUBLIC_KEY, id: [1], label: nil).first?.handle)
            try open.session.destroy(handle, "test")
            let der = try key.publicKey().der
            var template = AttributeTemplate()
            template.add(CKA_CLASS, CKO_PUBLIC_KEY)
            template.add(CKA_KEY_TYPE, CKK_EC)
            template.add(CKA_TOKEN, true)
            template.add(CKA_MODIFIABLE, false)
            template.add(CKA_ID, [1])
            template.add(CKA_EC_PARAMS, Curve.p256.identifier)
            template.add(CKA_EC_POINT, DERWriter.value(DERWriter.octetString, Array(der.suffix(65))))
            var object: CK_OBJECT_HANDLE = 0
            return template.withAttributes { open.session.cryptoki.createObject(open.session.handle, $0, $1, &object) }
        }
        #expect(result == CKR_OK)
        let error = try failure { try open.session.relabel(at: key.info.uri, label: "b", id: [2]) }
        #expect(error.code == .policyRefused)
        #expect(!error.message.contains("could not be given"))
        let found = try open.session.key(at: key.info.uri)
        #expect(found.info.label == "a" && found.info.id == [1])
    }
}
