import KeyStoreCore
import Testing

struct DescriptionTests {
    @Test func everyNamedAlgorithmHasAJOSENameThatReadsBack() {
        for algorithm in SignatureAlgorithm.all {
            #expect(SignatureAlgorithm(joseName: algorithm.joseName ?? "") == algorithm)
            #expect(algorithm.description == algorithm.joseName)
        }
        #expect(Set(SignatureAlgorithm.all).count == 10)
        for name in ["", "ES257", "es256", "none", "HS256"] { #expect(SignatureAlgorithm(joseName: name) == nil) }
        let unknown = SignatureAlgorithm(rawValue: 0x0201)
        #expect(unknown.joseName == nil && unknown.hash == nil && unknown.description == "0x201")
    }

    @Test func algorithmsHaveTheHashOfTheirName() {
        for algorithm in SignatureAlgorithm.all where algorithm != .ed25519 {
            let size = String(algorithm.joseName!.suffix(3))
            #expect(algorithm.hash?.rawValue == "SHA-\(size)")
            #expect(algorithm.hash.map { $0.digestLength * 8 } == Int(size))
        }
        #expect(SignatureAlgorithm.ed25519.hash == nil)
        #expect(SignatureAlgorithm.all.filter(\.isRSAPSS) == [.rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512])
    }

    @Test func everyKeyTypeSignsWithAlgorithmsOfItsOwnAndTogetherWithAll() {
        let all = KeyType.generatable.flatMap(\.algorithms)
        #expect(Set(all) == Set(SignatureAlgorithm.all))
        #expect(KeyType.rsa(bits: 2048).algorithms.first?.isRSAPSS == true)
        #expect(Set(KeyType.generatable.map(\.description)).count == KeyType.generatable.count)
    }

    @Test func everyKeyTypeServesAPurposeAndThoseThatSignHaveAlgorithms() {
        for type in KeyType.generatable {
            #expect(!type.purposes.isEmpty)
            #expect(type.purposes.contains(.sign) == !type.algorithms.isEmpty)
        }
        #expect(KeyType.generatable.filter { !KeyType.signing.contains($0) } == [.x25519])
        #expect(KeyType.x25519.purposes == .agree && KeyType.x25519.description == "X25519")
    }

    @Test func onlyATouchOrAPINForEachSignatureNeedsAPersonEachTime() {
        #expect(KeyProtection.touch.needsPersonEachTime && KeyProtection.pinAlways.needsPersonEachTime)
        #expect(!KeyProtection.login.needsPersonEachTime && !KeyProtection.passphrase.needsPersonEachTime)
        #expect(!KeyProtection([]).needsPersonEachTime)
    }

    @Test func abilitiesAreNamedInAFixedOrder() {
        #expect(Ability([.importing, .certificates]).names == ["certificates", "import"])
        #expect(Ability([.deleting, .sdkReferences]).names == ["delete", "sdk-reference"])
        #expect(Ability([.moving, .attesting, .keyPolicies]).names == ["key-policies", "attest", "move"])
        #expect(Ability([]).names.isEmpty)
    }
}
