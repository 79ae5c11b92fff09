import KeyStoreCore
import KeyStorePlugin
import Testing

@testable import PIVKeyStore

/// References, without any card.
struct ReferenceTests {
    private func normal(_ text: String) throws -> String {
        try PIVBackend.describe(try KeyStoreURI(text)).normalised.text
    }

    @Test(
        arguments: [
            ("piv:slot=9A;serial=00112233", "piv:serial=112233;slot=9a"), ("piv:slot=authentication", "piv:slot=9a"),
            ("piv:slot=SIGNATURE", "piv:slot=9c"), ("piv:slot=key-management", "piv:slot=9d"),
            ("piv:slot=card-authentication", "piv:slot=9e"), ("piv:slot=attestation", "piv:slot=f9"),
            ("piv:slot=retired1", "piv:slot=82"), ("piv:slot=retired20", "piv:slot=95"),
            ("piv:reader=a%20b", "piv:reader=a%20b"), ("piv:", "piv:"),
            ("piv:slot=9a?pin-value=123456&backend=piv", "piv:slot=9a?backend=piv"),
            ("piv:slot=9a?pin-source=file:///run/pin", "piv:slot=9a?pin-source=/run/pin"),
        ])
    func aReferenceHasOneNormalForm(_ text: String, _ expected: String) throws {
        #expect(try normal(text) == expected)
        #expect(try normal(expected) == expected)
    }

    @Test(
        arguments: [
            ("pkcs11:serial=112233;id=%01", "piv:serial=112233;slot=9a"), ("pkcs11:id=%02", "piv:slot=9c"),
            ("pkcs11:id=%03", "piv:slot=9d"), ("pkcs11:id=%04", "piv:slot=9e"), ("pkcs11:id=%05", "piv:slot=82"),
            ("pkcs11:id=%0A", "piv:slot=87"), ("pkcs11:id=%18", "piv:slot=95"), ("pkcs11:id=%19", "piv:slot=f9"),
            ("pkcs11:id=%10;object=Retired%20KEY%20MAN%206", "piv:slot=87"),
            ("pkcs11:id=%10?module-path=/usr/lib/opensc-pkcs11.so", "piv:slot=87"),
            ("pkcs11:object=Private%20key%20for%20Digital%20Signature", "piv:slot=9c"),
            ("pkcs11:object=SIGN%20key;id=%02;type=private", "piv:slot=9c"),
            ("pkcs11:object=Public%20key%20for%20Retired%20Key%2020", "piv:slot=95"),
            ("pkcs11:token=YubiKey%20PIV%20%23112233;slot-id=3;model=YubiKey%20YK5", "piv:serial=112233"),
        ])
    func aPKCS11ReferenceMeansASlot(_ text: String, _ expected: String) throws { #expect(try normal(text) == expected) }

    @Test(
        arguments: [
            "piv:slot=9b", "piv:slot=96", "piv:slot=retired21", "piv:slot=", "piv:slot", "piv:serial=0x1",
            "piv:serial=-1", "piv:serial=99999999999", "piv:slot=9a;slot=9c", "piv:token=x", "piv:slot=9a;pin-value=1",
            "piv:?slot=9a", "piv:?pin-source=%7Ccommand", "piv:?pin-value=1&pin-source=/x", "piv:reader=x;pin=123456",
            "pkcs11:token=other", "pkcs11:serial=1;token=YubiKey%20PIV%20%232", "pkcs11:sloth=1", "pkcs11:type=nothing",
            "pkcs11:///usr/lib/libykcs11.so?id=01&pin=1",
        ])
    func aReferenceThatCannotBeMeantIsRefused(_ text: String) throws { try failure { try normal(text) }.expect(.invalidURI) }

    @Test func anUnknownQueryAttributeIsWarnedAboutByName() throws {
        let info = try PIVBackend.describe(try KeyStoreURI("piv:slot=9a?colour=red"))
        #expect(info.warnings.count == 1 && info.warnings[0].contains("colour"))
    }

    @Test func aPINInAReferenceIsWarnedAboutAndNotShown() throws {
        let info = try PIVBackend.describe(try KeyStoreURI("piv:slot=9a?pin-value=123456"))
        #expect(info.warnings.count == 1)
        #expect(!info.normalised.text.contains("123456"))
        #expect(info.attributes.allSatisfy { !$0.value.contains("123456") })
    }

    @Test(
        arguments: [
            ("piv:", "piv:serial=1;slot=9a", true), ("piv:slot=9a", "piv:serial=1;slot=9a", true),
            ("piv:slot=9a", "piv:serial=1;slot=9c", false), ("piv:serial=2", "piv:serial=1;slot=9a", false),
            ("piv:serial=1;slot=9a", "piv:slot=9a", false), ("pkcs11:id=%01", "piv:serial=1;slot=9a", true),
            ("pkcs11:id=%01;object=SIGN%20key", "piv:slot=9a", false),
            ("pkcs11:type=secret-key", "piv:serial=1;slot=9a", false), ("piv:reader=x", "piv:serial=1", true),
        ])
    func aPatternMatchesWhatHasAllThatItAsksFor(_ pattern: String, _ candidate: String, _ matches: Bool) throws {
        #expect(try PIVBackend.uri(KeyStoreURI(pattern), matches: KeyStoreURI(candidate)) == matches)
    }
}
