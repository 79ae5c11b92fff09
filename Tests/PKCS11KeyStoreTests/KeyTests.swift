import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Keys of every type, made, found and used on SoftHSM.
struct KeyTests {
    @Test(arguments: KeyType.signing)
    func aGeneratedKeySignsWithEveryAlgorithmItOffers(type: KeyType) throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(type, at: try open.uri("object=made;id=%01%02"))
        #expect(key.info.type == type)
        #expect(key.info.algorithms == type.algorithms)
        #expect(key.info.label == "made")
        #expect(key.info.id == [1, 2])
        #expect(key.info.protection == .login)
        #expect(!key.info.isExtractable)
        let publicKey = try key.publicKey()
        #expect(publicKey.type == type)
        for algorithm in key.info.algorithms {
            let signature = try key.sign(message, algorithm)
            #expect(try opensslAccepts(signature, of: message, by: publicKey, algorithm), "\(algorithm)")
            #expect(try !opensslAccepts(signature, of: message + [0], by: publicKey, algorithm), "\(algorithm)")
            if let hash = algorithm.hash {
                let digest = try message.withRawBytes { bytes in try Digest.compute(bytes, hash) }
                let fromDigest = try key.sign(digest: digest, algorithm)
                #expect(try opensslAccepts(fromDigest, of: message, by: publicKey, algorithm), "\(algorithm)")
            }
        }
    }

    @Test(arguments: KeyType.signing)
    func aKeyIsFoundAgainByWhatItsListingPrints(type: KeyType) throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(type, at: try open.uri("object=a%20key%3b"))
        #expect(made.info.id.count == 8)
        var listed: [KeyInfo] = []
        try open.session.forEachKey(matching: nil) { info in
            listed.append(info)
            return true
        }
        #expect(listed.map(\.uri) == [made.info.uri])
        #expect(listed.first?.type == type)
        #expect(listed.first?.publicKey == (try made.publicKey()))
        let found = try open.session.key(at: made.info.uri)
        #expect(try found.publicKey() == made.publicKey())
        let algorithm = try #require(found.info.algorithms.first)
        let signature = try found.sign(message, algorithm)
        #expect(try opensslAccepts(signature, of: message, by: try made.publicKey(), algorithm))
    }

    @Test func theSearchThatFindsAKeyTellsItsPublicKey() throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        for attributes in ["object=a", "id=%01", "object=a;id=%01"] {
            #expect(try open.session.key(at: try open.uri(attributes)).info.publicKey == made.publicKey())
        }
    }

    @Test func aPublicKeyOfAnotherNameIsNotTakenForTheKeysOwn() throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        let other = try open.session.generateKey(.ecP256, at: try open.uri("object=b;id=%02"))
        let records = try open.session.using { try open.session.records(CKO_PUBLIC_KEY, id: nil, label: nil) }
        let own = try #require(records.first { $0.id == [1] })
        let theirs = try #require(records.first { $0.id == [2] })
        let rightKey = try made.publicKey()
        // The label is another key's now, and the id is not.
        try open.session.using {
            try Objects.setAttribute(CKA_LABEL, Array("z".utf8), of: own.handle, open.session)
            try Objects.setAttribute(CKA_LABEL, Array("a".utf8), of: theirs.handle, open.session)
        }
        let found = try open.session.key(at: try open.uri("object=a"))
        #expect(found.info.publicKey == rightKey)
        #expect(try found.publicKey() == rightKey)
        #expect(rightKey != (try other.publicKey()))
    }
}
