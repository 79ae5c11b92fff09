import KeyStoreCore
import Testing

@testable import PKCS11KeyStore

/// References in RFC 7512's form.
struct URITests {
    private func describe(_ text: String) throws -> URIInfo { try PKCS11Backend.describe(try KeyStoreURI(text)) }

    @Test(arguments: [
        ("pkcs11:", "pkcs11:"),
        ("PKCS11:token=a", "pkcs11:token=a"),
        ("pkcs11:id=%01;object=k;serial=1;token=a", "pkcs11:token=a;serial=1;id=%01;object=k"),
        ("pkcs11:id=01ff", "pkcs11:id=%30%31%66%66"),
        ("pkcs11:id=%aB", "pkcs11:id=%AB"),
        ("pkcs11:object=a%20b%3b+", "pkcs11:object=a%20b%3B%2B"),
        ("pkcs11:object=", "pkcs11:object="),
        ("pkcs11:object=%c3%a4", "pkcs11:object=%C3%A4"),
        ("pkcs11:library-version=2;slot-id=007", "pkcs11:library-version=2.0;slot-id=7"),
        ("pkcs11:type=private", "pkcs11:type=private"),
        ("pkcs11:type=secret-key", "pkcs11:type=secret-key"),
        (
            "pkcs11:token=a?pin-source=file:///run/my%20pin&module-name=softhsm2",
            "pkcs11:token=a?module-name=softhsm2&pin-source=/run/my%20pin"
        ),
        ("pkcs11:?module-path=/a/b.so", "pkcs11:?module-path=/a/b.so"),
        ("pkcs11:?pin-source=file:pin.txt", "pkcs11:?pin-source=pin.txt"),
        ("pkcs11:?pin-source=file://localhost/p", "pkcs11:?pin-source=/p"),
        ("pkcs11:token=a?backend=piv&isolated=yes", "pkcs11:token=a?backend=piv&isolated=yes"),
        (
            "pkcs11:manufacturer=m;model=o;library-manufacturer=l;library-description=d;slot-manufacturer=s;slot-description=e",
            "pkcs11:manufacturer=m;model=o;library-manufacturer=l;library-description=d;slot-manufacturer=s;slot-description=e"
        ),
    ])
    func theNormalFormIsFixed(text: String, normal: String) throws {
        let info = try describe(text)
        #expect(info.normalised.text == normal)
        #expect(try PKCS11Backend.describe(info.normalised).normalised == info.normalised)
    }

    @Test(arguments: [
        ("pkcs11:x-vendor=1", "x-vendor"),
        ("pkcs11:label=a", "label"),
        ("pkcs11:Token=a", "must be written 'token'"),
        ("pkcs11:token=a;token=a", "'token' is given twice"),
        ("pkcs11:token", "'token' has no value"),
        ("pkcs11:token=%", "two hexadecimal digits"),
        ("pkcs11:token=%0", "two hexadecimal digits"),
        ("pkcs11:token=%gg", "two hexadecimal digits"),
        ("pkcs11:token=%ff", "not UTF-8"),
        ("pkcs11:=a", "no name"),
        ("pkcs11:token=a;", "no name"),
        ("pkcs11:token=123456789012345678901234567890123", "longer than 32 bytes"),
        ("pkcs11:serial=12345678901234567", "longer than 16 bytes"),
        ("pkcs11:model=12345678901234567", "longer than 16 bytes"),
        ("pkcs11:slot-description=\(String(repeating: "a", count: 65))", "longer than 64 bytes"),
        ("pkcs11:id=\(String(repeating: "a", count: 257))", "longer than 256 bytes"),
        ("pkcs11:object=\(String(repeating: "a", count: 1025))", "longer than 1024 bytes"),
        ("pkcs11:type=bogus", "'type' is none of"),
        ("pkcs11:slot-id=0x1", "decimal"),
        ("pkcs11:slot-id=", "decimal"),
        ("pkcs11:slot-id=-1", "decimal"),
        ("pkcs11:slot-id=99999999999999999999999", "decimal"),
        ("pkcs11:library-version=1.2.3", "library-version"),
        ("pkcs11:library-version=256", "library-version"),
        ("pkcs11:library-version=a", "library-version"),
        ("pkcs11:library-version=-0", "library-version"),
        ("pkcs11:pin-value=1234", "'pin-value' belongs behind the question mark"),
        ("pkcs11:module-path=/a", "'module-path' belongs behind the question mark"),
        ("pkcs11:token=a?object=b", "'object' belongs before the question mark"),
        ("pkcs11:?module-path=a.so", "absolute path"),
        ("pkcs11:?module-path=/a&module-path=/a", "'module-path' is given twice"),
        ("pkcs11:?module-name=a&module-name=a", "'module-name' is given twice"),
        ("pkcs11:?module-name=../a", "'module-name' must be a name"),
        ("pkcs11:?module-name=", "'module-name' must be a name"),
        ("pkcs11:?pin-value=1&pin-source=/p", "the PIN is given twice"),
        ("pkcs11:?pin-value=1&pin-value=1", "the PIN is given twice"),
        ("pkcs11:?pin-source=|cat", "not a command"),
        ("pkcs11:?pin-source=%7Ccat", "not a command"),
        ("pkcs11:?pin-source=http://a/b", "must be a path or a file: URI"),
        ("pkcs11:?pin-source=file://host/p", "on another host"),
        ("pkcs11:?pin-source=", "names no file"),
        ("pkcs11:?pin-source=file:", "names no file"),
        ("pkcs11:?isolated=maybe", "'isolated' must be"),
        ("pkcs11:?backend=a/b", "'backend' is not a name"),
        ("pkcs11:?x-quirks=made-up", "no quirk 'made-up'"),
        ("pkcs11:?x-quirks=-made-up", "no quirk 'made-up'"),
        ("pkcs11:token=a&pin-value=1234", "a PIN stands in the value of 'token'"),
        ("pkcs11:?module-path=/a.so;pin-value=1234", "a PIN stands in the value of 'module-path'"),
        ("pkcs11:?pin-source=/a?pin-value=1234", "a PIN stands in the value of 'pin-source'"),
        ("pkcs11:?x-quirks=a;pin-value=1234", "a PIN stands in the value of 'x-quirks'"),
        ("pkcs11://token=a;object=b", "leave the slashes away"),
        ("pkcs11:///token=a", "leave the slashes away"),
    ])
    func whatIsNotRFC7512IsRefusedWithTheReason(text: String, reason: String) throws {
        let error = try failure { try PKCS11URI(try KeyStoreURI(text)) }
        #expect(error.code == .invalidURI)
        #expect(error.message.contains(reason), "\(error.message)")
    }

    @Test func anUnknownQueryAttributeIsWarnedAboutByName() throws {
        let warnings = try describe("pkcs11:token=a?made-up=1").warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("'made-up'") == true)
    }

    @Test func aPINInTheReferenceIsWarnedAboutAndNeverEchoed() throws {
        let info = try describe("pkcs11:token=a?pin-value=98%2676")
        #expect(info.warnings.contains { $0.contains("PIN") })
        #expect(info.normalised.text == "pkcs11:token=a")
        #expect(info.attributes.contains(URIInfo.Attribute(name: "pin-value", value: "***")))
        #expect(!"\(info)".contains("98"))
    }

    @Test(arguments: ["pkcs11:token=a&pin-value=9876", "pkcs11:?x-quirks=a;pin-value=9876", "pkcs11:///a.so&pin=9876"])
    func aPINBehindTheWrongSeparatorIsNotEchoedEither(text: String) throws {
        let error = try failure { try describe(text) }
        #expect(!"\(error) \(error.subject)".contains("9876"))
    }

    @Test func theAttributesAreDecodedForAPerson() throws {
        let info = try describe("pkcs11:token=my%20token;id=%01%ff?module-name=a")
        #expect(
            info.attributes == [
                URIInfo.Attribute(name: "token", value: "my token"), URIInfo.Attribute(name: "id", value: "01ff"),
                URIInfo.Attribute(name: "module-name", value: "a"),
            ])
    }

    @Test func aPINsBytesAreTakenAsTheyAreEscaped() throws {
        guard case .value(let pin) = try PKCS11URI(try KeyStoreURI("pkcs11:?pin-value=%ff+%26")).pin else {
            Issue.record("no PIN was read")
            return
        }
        #expect(pin.withBytes { Array($0) } == [0xFF, UInt8(ascii: "+"), UInt8(ascii: "&")])
    }

    @Test(arguments: [
        ("pkcs11:", "pkcs11:token=a", true),
        ("pkcs11:token=a", "pkcs11:token=a;object=b", true),
        ("pkcs11:object=b;token=a", "pkcs11:token=a;object=b;id=%01", true),
        ("pkcs11:id=%6B", "pkcs11:id=k", true),
        ("pkcs11:token=a", "pkcs11:object=b", false),
        ("pkcs11:token=a", "pkcs11:token=A", false),
        ("pkcs11:token=a;object=b", "pkcs11:token=a", false),
        ("pkcs11:library-version=2", "pkcs11:library-version=2.0", true),
        ("pkcs11:?module-path=/a.so", "pkcs11:token=a", true),
        ("pkcs11:?module-path=/a.so", "pkcs11:token=a?module-path=/b.so", false),
        ("pkcs11:///a.so?id=01", "pkcs11:id=%01;object=b?module-path=/a.so", true),
        ("pkcs11:object=%C3%A4", "pkcs11:object=a%CC%88", false),
    ])
    func aPatternMatchesWhatHasAllThatItAsksFor(pattern: String, candidate: String, matches: Bool) throws {
        #expect(try PKCS11Backend.uri(try KeyStoreURI(pattern), matches: try KeyStoreURI(candidate)) == matches)
    }
}
