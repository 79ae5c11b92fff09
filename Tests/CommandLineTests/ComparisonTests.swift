import Crypto
import Dispatch
import Glibc
import KeyStoreCore
import Testing

@testable import ziti_keystore

/// What a comparison decides before and after it measures.
struct ComparisonTests {
    private func all(_ references: [String], _ backends: [String] = [], _ backend: String? = nil) throws -> [String] {
        try ComparisonPath.all(
            references: try references.map { try KeyStoreURI($0) }, backends: backends, backend: backend
        ).map { "\($0.title) \($0.reference.text)" }
    }

    @Test func aPathIsAReferenceWithItsBackend() throws {
        #expect(try all(["a:x"], ["p", "q"]) == ["1 p a:x", "2 q a:x"])
        #expect(try all(["a:x", "b:y?backend=q"]) == ["1 a a:x", "2 q b:y?backend=q"])
        #expect(try all(["a:x", "a:y"], ["p", "q"]) == ["1 p a:x", "2 q a:y"])
        #expect(try all(["a:x", "a:y"], [], "p") == ["1 p a:x", "2 p a:y"])
    }

    @Test func onePathAndTheSamePathTwiceAreUsageErrors() {
        for (references, backends) in [
            (["a:x"], []), (["a:x"], ["p"]), (["a:x", "a:x"], []), (["a:x"], ["p", "p"]),
            (["a:x", "a:x"], ["p", "p"]),
            (["a:x", "a:x?backend=a", "a:x"], []), (["a:x", "a:y"], ["p"]), (["a:x", "a:y"], ["p", "q", "r"]),
        ] {
            #expect(
                performing: { try all(references, backends) }, throws: { ($0 as? CommandFailure)?.status == .usage })
        }
    }

    @Test func whatAllSignWithIsChosenInTheFirstOnesOrder() throws {
        let keys = try [
            ComparisonSample.finding(1, algorithms: [.rsaPSSSHA256, .rsaPKCS1SHA512, .rsaPKCS1SHA256]),
            ComparisonSample.finding(2, algorithms: [.rsaPKCS1SHA256, .rsaPKCS1SHA512]),
        ].map { ($0.path, $0.key) }
        #expect(try KeyProof.algorithm(wanted: nil, keys) == .rsaPKCS1SHA512)
        #expect(try KeyProof.algorithm(wanted: .rsaPKCS1SHA256, keys) == .rsaPKCS1SHA256)
    }

    @Test func noCommonAlgorithmIsAnErrorThatNamesWhatEachHas() throws {
        let keys = try [
            ComparisonSample.finding(1, algorithms: [.rsaPSSSHA256]),
            ComparisonSample.finding(2, algorithms: [.rsaPKCS1SHA256]),
        ].map { ($0.path, $0.key) }
        for wanted in [nil, SignatureAlgorithm.rsaPSSSHA256] {
            let error = #expect(throws: KeyStoreError.self) { try KeyProof.algorithm(wanted: wanted, keys) }
            #expect(error?.code == .unsupportedMechanism)
            #expect(error?.message.contains("PS256") == true && error?.message.contains("RS256") == true)
        }
    }

    @Test func whatOneAloneCanDoIsNamed() throws {
        let findings = try [
            ComparisonSample.finding(1, algorithms: [.rsaPSSSHA256, .rsaPKCS1SHA256], abilities: [.deleting]),
            ComparisonSample.finding(2, algorithms: [.rsaPKCS1SHA256], abilities: [.deleting, .watching]),
        ]
        #expect(findings.onlyFeatures(of: 0).map(\.text) == ["signs PS256"])
        #expect(findings.onlyFeatures(of: 1).map(\.text) == ["ability watch"])
        #expect(findings.differingFeatures.map(\.text) == ["signs PS256", "ability watch"])
        let text = ComparisonResult(algorithm: .rsaPKCS1SHA256, findings: findings).text
        let rows = text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.contains(["signs", "PS256", "yes", "-"]) && rows.contains(["ability", "watch", "-", "yes"]))
        #expect(text.hasSuffix("\n\nEvery path:\n  signs RS256\n  ability delete"))
    }

    @Test func thePoliciesThatOnePathSeesHaveRowsAndStandInTheJSON() throws {
        let touch = KeyInfo.Property(name: "touch policy", value: "cached\n\u{1B}")
        let result = ComparisonResult(
            algorithm: .ecdsaP256SHA256,
            findings: [try ComparisonSample.finding(1, properties: [touch, touch]), try ComparisonSample.finding(2)])
        let rows = result.text.split(separator: "\n").filter { $0.hasPrefix("touch policy") }
        #expect(rows.count == 1)
        #expect(rows[0].split(separator: " ") == ["touch", "policy", "cached??", "-"])
        #expect(result.json[0].text.contains(#""properties":{"touch policy":"cached\n\u001b"}"#))
        #expect(result.json[1].text.contains(#""properties":{},"abilities""#))
    }

    @Test func aWrongPINIsSentOnlyWhereTwoTriesAreLeft() throws {
        func reason(_ flags: TokenInfo.Flags, _ tries: Int?) throws -> String? {
            PINRisk.reason(
                TokenInfo(uri: try KeyStoreURI("sample:a"), label: "a", flags: flags, triesLeft: tries))
        }
        #expect(try reason([], nil) == nil)
        #expect(try reason([], 2) == nil)
        #expect(try reason([.pinCountLow], 2) == nil)
        for (flags, tries) in [
            ([], 1), ([], 0), ([.pinCountLow], nil), ([.pinFinalTry], nil), ([.pinFinalTry], 3), ([.pinLocked], 3),
        ] as [(TokenInfo.Flags, Int?)] { #expect(try reason(flags, tries) != nil, "\(flags) \(tries ?? -1)") }
    }

    @Test func aSecretOfTheCommandLineIsReadOnceForAllAndTheWrongOneGivenOnce() throws {
        setenv("COMPARISON_TEST_PIN", "135790", 1)
        defer { unsetenv("COMPARISON_TEST_PIN") }
        let secrets = ComparisonSecrets(pin: .environment("COMPARISON_TEST_PIN"), passphrase: nil, mayAsk: false)
        func request(_ token: String, _ kind: PINRequest.Kind = .pin) -> PINRequest {
            PINRequest(kind: kind, subject: token, uri: "sample:\(token)", countIsLow: true)
        }
        func text(_ pin: PIN) -> String { pin.withBytes { String(decoding: $0, as: UTF8.self) } }
        // Nobody gets a wrong one before the right one is known.
        let early = secrets.wrongSource(for: "1")
        #expect(throws: KeyStoreError.self) { try early.source.pin(for: request("a")) }

        let first = try secrets.source(for: "1").pin(for: request("a"))
        setenv("COMPARISON_TEST_PIN", "changed", 1)
        #expect(try secrets.source(for: "2").pin(for: request("b")) === first)
        #expect(try secrets.source(for: "2").pin(for: request("b", .contextPIN)) === first)
        let wrong = secrets.wrongSource(for: "2")
        #expect(!wrong.wasAsked())
        #expect(text(try wrong.source.pin(for: request("b"))) == "135791")
        #expect(wrong.wasAsked())
        #expect(throws: KeyStoreError.self) { try wrong.source.pin(for: request("b")) }
        // A passphrase is another secret, and has no source here.
        #expect(throws: KeyStoreError.self) { try secrets.source(for: "1").pin(for: request("a", .passphrase)) }
    }

    @Test func aSignatureThatAnotherPathsKeyDoesNotVerifyIsAnError() throws {
        let signer = P256.Signing.PrivateKey()
        let signature = Array(try signer.signature(for: KeyProof.message).derRepresentation)
        func proof(_ number: Int, _ key: P256.Signing.PrivateKey) throws -> (ComparisonPath, PublicKey, [UInt8]) {
            let path = try ComparisonPath(number: number, reference: try KeyStoreURI("sample:\(number)"), backend: nil)
            return (path, try PublicKey(der: Array(key.publicKey.derRepresentation)), signature)
        }
        try KeyProof.demandValidSignatures([try proof(1, signer), try proof(2, signer)], .ecdsaP256SHA256)
        let error = #expect(throws: CommandFailure.self) {
            try KeyProof.demandValidSignatures(
                [try proof(1, signer), try proof(2, P256.Signing.PrivateKey())], .ecdsaP256SHA256)
        }
        #expect(error?.status == .badData && error?.code == "signatureInvalid")
        #expect(error?.message.contains("of path 1 does not verify with the public key of path 2") == true)
    }

    @Test func aCallThatDoesNotComeBackIsWaitedForNoLongerThanItsLimit() {
        let gate = DispatchSemaphore(value: 0)
        let hanging = BoundedCall.run(for: "a test", milliseconds: 1) {
            gate.wait()
            return 1
        }
        gate.signal()
        #expect(hanging == nil)
        #expect(BoundedCall.run(for: "a test", milliseconds: 60_000) { 2 } == 2)
        #expect(TrialOutcome.noAnswer(seconds: 20).text == "no answer within 20 seconds")
        #expect(TrialOutcome.noAnswer(seconds: 20).json.text == #"{"outcome":"noAnswer","waitedSeconds":20}"#)
    }
}
