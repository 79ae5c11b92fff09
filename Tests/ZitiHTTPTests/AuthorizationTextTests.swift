import Testing

@testable import ZitiHTTP

/// What an authorization is written in.
struct AuthorizationTextTests {
    @Test func aProofKeyIsThatOfTheStandard() {
        // RFC 7636 appendix B.
        let key = ProofKey(verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(key.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func proofKeysAreLongEnoughAndDiffer() {
        let keys = (0..<10).map { _ in ProofKey().verifier }
        #expect(Set(keys).count == 10)
        #expect(keys.allSatisfy { $0.utf8.count == 43 })
    }

    @Test(arguments: [
        ([], ""), ([0], "AA"), ([0xFF, 0xFE], "__4"), ([0, 16, 131], "ABCD"), ([1, 2, 3, 4], "AQIDBA"),
    ])
    func base64URLHasNoPadding(_ bytes: [UInt8], _ text: String) {
        #expect(RandomText.base64URL(bytes) == text)
    }

    @Test func whatIsEncodedInAFormIsReadBack() {
        let text = FormText.encode([("state", "a b&c=d+é"), ("code", "x")])
        #expect(text == "state=a%20b%26c%3Dd%2B%C3%A9&code=x")
        #expect(FormText.value(of: "state", in: text[...]) == "a b&c=d+é")
        #expect(FormText.value(of: "code", in: text[...]) == "x")
    }

    @Test func aNameWithoutOneValueHasNone() {
        #expect(FormText.value(of: "a", in: "b=1") == nil)
        #expect(FormText.value(of: "a", in: "a=1&a=2") == nil)
        #expect(FormText.value(of: "a", in: "a") == nil)
        #expect(FormText.value(of: "a", in: "a=%zz") == "")
        #expect(FormText.value(of: "a", in: "a=1+2") == "1 2")
    }

    @Test(arguments: [
        ("https://h:1/a/b?c=d#e", "https://h:1", "/a/b", "c=d"), ("/a?b", "", "/a", "b"),
        ("https://h", "https://h", "/", ""),
        ("http://localhost:20314/auth/callback?code=1", "http://localhost:20314", "/auth/callback", "code=1"),
    ])
    func aLocationIsTakenApart(_ text: String, _ origin: String, _ path: String, _ query: String) throws {
        let location = try #require(Location(text))
        #expect(location.origin == origin)
        #expect(location.path == path)
        #expect(location.query == query)
    }

    @Test(arguments: [
        "", "a/b", "//h/a", "https://", "https:///a", "https://u@h/a", "/a b", "/a\r\nb", "/é", "/a\\b",
        "/" + String(repeating: "a", count: 8192),
    ])
    func whatIsNoLocationIsRefused(_ text: String) { #expect(Location(text) == nil) }

    @Test(arguments: ["current-identity", "//evil/x", "https://evil/", "/a b", "/a#b", "/a\r\nX: y", ""])
    func aRequestGoesToAPathOnly(_ path: String) {
        #expect(!ZitiRequest(.get, path).hasUsablePath)
    }
}
