import Foundation
import SwiftASN1
import Testing
import X509

@testable import ZitiEnrollment

struct EnrollmentJWTTests {
    private static func base64URL(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    /// A JWT of these claims, with a signature that fits nothing.
    static func jwt(_ claims: String, header: String = #"{"alg":"ES256"}"#) -> String {
        "\(base64URL(header)).\(base64URL(claims)).AAAA"
    }

    static func claims(
        iss: String = #""https://ctrl.example.org:1280""#, sub: String = #""id1""#, exp: String = #","exp":1790000000"#,
        jti: String = #","jti":"t""#, em: String = #""ott""#
    ) -> String { #"{"iss":\#(iss),"sub":\#(sub)\#(exp)\#(jti),"em":\#(em)}"# }

    private func certificate(_ name: String) throws -> (Certificate, [UInt8]) {
        let pem = try PEMDocument(pemString: Recordings.text("verifying_certificate", of: name))
        return (try Certificate(derEncoded: pem.derBytes), pem.derBytes)
    }

    @Test func aRecordedTokenIsReadWhole() throws {
        let jwt = try EnrollmentJWT(Recordings.text("jwt", of: "jwt-ott"))
        #expect(jwt.controller.text == "https://localhost:1280")
        #expect(jwt.controller.port == 1280)
        #expect(jwt.identityID == "Ofj.l4kMkx")
        #expect(jwt.method == .ott)
        #expect(jwt.token == "cc6aa618-8b07-4201-8356-3a99e6f364c7")
        #expect(jwt.expiry == Date(timeIntervalSince1970: 1_795_449_072))
    }

    @Test(arguments: ["jwt-ott", "v1.6.20-rsa/jwt-ott"])
    func aRecordedTokenVerifiesWithTheCertificateThatSignedIt(_ name: String) throws {
        let jwt = try EnrollmentJWT(Recordings.text("jwt", of: name))
        let (leaf, der) = try certificate(name)
        #expect(try jwt.verify(signer: leaf, der: der))
    }

    @Test func aTokenOfAnotherControllerIsExplained() throws {
        let jwt = try EnrollmentJWT(Recordings.text("jwt", of: "jwt-ott"))
        let (leaf, der) = try certificate("v1.6.20-rsa/jwt-ott")
        let error = try #require(throws: EnrollmentError.self) { try jwt.verify(signer: leaf, der: der) }
        #expect(error.code == .jwtSignatureInvalid)
        #expect(error.hint.contains("another controller of the cluster"))
        #expect(error.hint.contains("proxy"))
    }

    @Test func aTokenWhoseClaimsWereChangedDoesNotVerify() throws {
        let segments = try Recordings.text("jwt", of: "jwt-ott").split(separator: ".")
        let changed = Self.base64URL(Self.claims(iss: #""https://localhost:1280""#))
        let jwt = try EnrollmentJWT("\(segments[0]).\(changed).\(segments[2])")
        let (leaf, der) = try certificate("jwt-ott")
        let error = try #require(throws: EnrollmentError.self) { try jwt.verify(signer: leaf, der: der) }
        #expect(error.code == .jwtSignatureInvalid)
        #expect(error.hint.contains("changed"))
    }

    @Test func aSignatureOfTheWrongLengthDoesNotVerify() throws {
        let text = try Recordings.text("jwt", of: "jwt-ott")
        let jwt = try EnrollmentJWT(String(text.dropLast(4)))
        let (leaf, der) = try certificate("jwt-ott")
        #expect(throws: EnrollmentError(.jwtSignatureInvalid, "")) { try jwt.verify(signer: leaf, der: der) }
    }

    @Test func whiteSpaceAroundTheTokenIsIgnored() throws {
        let text = try Recordings.text("jwt", of: "jwt-ott")
        #expect(try EnrollmentJWT("\n  \(text)\r\n\n").identityID == "Ofj.l4kMkx")
        #expect(try EnrollmentJWT("\u{FEFF}\(text)\r\n").identityID == "Ofj.l4kMkx")
    }

    @Test(arguments: [
        "", "a.b", "a.b.c.d", "..", "!!.!!.!!", jwt("[]"), jwt("{}"), jwt("{"),
        jwt(claims(iss: "null")), jwt(claims(iss: "7")), jwt(claims(sub: #""""#)), jwt(claims(sub: #""a b""#)),
        jwt(claims(sub: "\"\(String(repeating: "x", count: 65))\"")), jwt(claims(exp: "")),
        jwt(claims(exp: #","exp":"soon""#)), jwt(claims(exp: #","exp":-1"#)), jwt(claims(exp: #","exp":1e300"#)),
        jwt(claims(jti: "")), jwt(claims(jti: #","jti":"""#)),
        jwt(claims(jti: #","jti":"\#(String(repeating: "x", count: 513))""#)), jwt(claims(em: "null")),
        jwt(claims(), header: "{}"), jwt(claims(), header: #"{"alg":"none"}"#),
        jwt(claims(), header: #"{"alg":"HS256"}"#), jwt(claims(), header: #"{"alg":"ES256","crit":["exp"]}"#),
        jwt(claims(), header: #"{"alg":"PS256"}"#), jwt(claims(), header: #"{"alg":"EdDSA"}"#),
        String(repeating: "a", count: EnrollmentJWT.maximumLength + 1), jwt(claims()) + "=",
    ])
    func whatIsNoEnrollmentTokenIsRefused(_ text: String) {
        #expect(throws: EnrollmentError(.jwtMalformed, "")) { try EnrollmentJWT(text) }
    }

    @Test(arguments: [
        "http://ctrl:1280", "https://", "https://:1280", "https://user@ctrl:1280", "https://ctrl:0",
        "https://ctrl:65536",
        "https://ctrl:", "https://ctrl:12x", "https://ctrl/path", "https://ctrl?x=1", "https://ctrl#x", "https://[::1",
        "https://[nonsense]:1280", "ctrl:1280", "https://ctrl:1280//", "https://c trl", "https://ctrl\\x",
    ])
    func anIssuerThatIsNoControllerIsRefused(_ issuer: String) {
        #expect(ControllerAddress(issuer) == nil)
        #expect(throws: EnrollmentError(.jwtMalformed, "")) {
            try EnrollmentJWT(Self.jwt(Self.claims(iss: "\"\(issuer.replacing("\\", with: "\\\\"))\"")))
        }
    }

    @Test(arguments: [
        ("https://ctrl.example.org:1280/", "ctrl.example.org", 1280, false, "https://ctrl.example.org:1280"),
        ("https://ctrl.example.org", "ctrl.example.org", 443, false, "https://ctrl.example.org"),
        ("https://192.0.2.7:8443", "192.0.2.7", 8443, true, "https://192.0.2.7:8443"),
        ("https://[2001:db8::1]:8443", "2001:db8::1", 8443, true, "https://[2001:db8::1]:8443"),
    ])
    func anIssuerIsReadWithItsPort(_ text: String, _ host: String, _ port: Int, _ isIP: Bool, _ kept: String) throws {
        let address = try #require(ControllerAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isIPAddress == isIP)
        #expect(address.text == kept)
    }

    @Test func aTokenIsCurrentUntilAMinuteAfterItsExpiry() throws {
        let jwt = try EnrollmentJWT(Self.jwt(Self.claims()))
        let expiry = Date(timeIntervalSince1970: 1_790_000_000)
        #expect(throws: Never.self) { try jwt.requireCurrent(at: expiry + 60) }
        let error = try #require(throws: EnrollmentError.self) { try jwt.requireCurrent(at: expiry + 61) }
        #expect(error.code == .jwtExpired)
        #expect(error.message.contains("2026-09-21T"))
    }

    @Test(arguments: ["ca", "network"])
    func aMissingExpiryIsNormalForAuthoritiesAndNetworks(_ method: String) throws {
        let jwt = try EnrollmentJWT(Self.jwt(Self.claims(exp: "", em: "\"\(method)\"")))
        #expect(jwt.expiry == nil)
        #expect(throws: Never.self) { try jwt.requireCurrent(at: .distantFuture) }
    }

    @Test(arguments: [
        ("token", "no controller makes"), ("erott", "for a router"), ("trott", "for a router"), ("later", "not known"),
    ])
    func methodsThatNoIdentityHasAreRefusedByName(_ method: String, _ words: String) throws {
        let jwt = try EnrollmentJWT(Self.jwt(Self.claims(em: "\"\(method)\"")))
        let error = try #require(throws: EnrollmentError.self) { try jwt.method.requireSupported() }
        #expect(error.code == .methodUnsupported)
        #expect(error.message.contains(words))
    }

    @Test func neitherDescriptionNorDumpShowsTheToken() throws {
        let jwt = try EnrollmentJWT(Recordings.text("jwt", of: "jwt-ott"))
        var dumped = ""
        dump(jwt, to: &dumped)
        for text in ["\(jwt)", String(reflecting: jwt), dumped] { #expect(!text.contains(jwt.token)) }
    }
}
