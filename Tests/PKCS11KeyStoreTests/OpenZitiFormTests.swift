import KeyStoreCore
import Testing

@testable import PKCS11KeyStore

/// References in the form of OpenZiti's SDKs.
struct OpenZitiFormTests {
    private func describe(_ text: String) throws -> URIInfo { try PKCS11Backend.describe(try KeyStoreURI(text)) }

    @Test(arguments: [
        (
            "pkcs11:///usr/lib/softhsm/libsofthsm2.so?id=01&pin=1234",
            "pkcs11:id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so"
        ),
        ("pkcs11:/a/libb.so?id=2171&slot=0", "pkcs11:id=%21%71?module-path=/a/libb.so"),
        ("pkcs11:///a.so?label=ziggy-key&pin=1", "pkcs11:object=ziggy-key?module-path=/a.so"),
        ("pkcs11://libsofthsm2.so?id=aB", "pkcs11:id=%AB?module-name=softhsm2"),
        ("pkcs11:softhsm2?slot=0&id=2171", "pkcs11:id=%21%71?module-name=softhsm2"),
        ("pkcs11:softhsm2?slot=0", "pkcs11:slot-id=0?module-name=softhsm2"),
        ("pkcs11:softhsm2?slot=0x1F", "pkcs11:slot-id=31?module-name=softhsm2"),
        ("pkcs11:///a.so?label=a%20b", "pkcs11:object=a%20b?module-path=/a.so"),
        ("pkcs11:///a.so?id=01&pin-source=/p", "pkcs11:id=%01?module-path=/a.so&pin-source=/p"),
        ("pkcs11:///a.so", "pkcs11:?module-path=/a.so"),
    ])
    func itIsNormalisedAndSaysSo(text: String, normal: String) throws {
        let info = try describe(text)
        #expect(info.normalised.text == normal)
        #expect(info.warnings.contains { $0.contains(normal) && $0.contains("OpenZiti") })
    }

    @Test(arguments: [
        ("pkcs11:///a.so?slot=10", ["10", "16"]),
        ("pkcs11:///a.so?slot=010", ["8", "16"]),
        ("pkcs11:///a.so?slot=a", ["0", "10"]),
        ("pkcs11:///a.so?slot=+1", ["0", "nothing"]),
        ("pkcs11:///a.so?slot=", ["0", "nothing"]),
    ])
    func aSlotThatTheSDKsReadDifferentlySelectsNothingAlone(text: String, readings: [String]) throws {
        let error = try failure { try PKCS11URI(try KeyStoreURI(text)) }
        #expect(error.code == .invalidURI)
        #expect(
            error.message.contains("Go SDK reads slot \(readings[0]) and the C SDK slot \(readings[1])"),
            "\(error.message)")
    }

    @Test(
        arguments: [
            ("0", 0, 0), ("9", 9, 9), ("12", 12, 0x12), ("0x12", 0x12, 0x12), ("0X1f", 0x1F, 0x1F), ("017", 15, 0x17),
            ("0b1", 1, 0xB1), ("0o7", 7, nil), ("zz", 0, nil), ("08", 0, 8),
        ] as [(String, UInt, UInt?)])
    func aSlotIsReadAsEachSDKReadsIt(text: String, goReading: UInt, cReading: UInt?) {
        let slot = OpenZitiSlot(text)
        #expect(slot.goReading == goReading)
        #expect(slot.cReading == cReading)
        #expect(slot.agreed == (goReading == cReading ? goReading : nil))
    }

    @Test func aSlotBesideAnIDIsOnlyAHint() throws {
        let uri = try PKCS11URI(try KeyStoreURI("pkcs11:///a.so?slot=0x1F&id=01"))
        #expect(uri.slotHint == 0x1F)
        #expect(uri.path[.slotID] == nil)
        #expect(uri.warnings.contains { $0.contains("hint") })
        #expect(try PKCS11URI(try KeyStoreURI("pkcs11:///a.so?slot=10&id=01")).slotHint == nil)
    }

    @Test(arguments: [
        ("pkcs11:///a.so?id=1", "even number"),
        ("pkcs11:///a.so?id=", "even number"),
        ("pkcs11:///a.so?id=0g", "hexadecimal"),
        ("pkcs11:///a.so?id=+1", "hexadecimal"),
        ("pkcs11:///a.so?id=-0", "hexadecimal"),
        ("pkcs11:///a.so?id=\(String(repeating: "00", count: 257))", "longer than 256 bytes"),
        ("pkcs11:///a.so?label=\(String(repeating: "a", count: 1025))", "longer than 1024 bytes"),
        ("pkcs11:///a.so?id=01&id=01", "'id' is given twice"),
        ("pkcs11:///a.so?slot=1&slot=1", "'slot' is given twice"),
        ("pkcs11:///a.so?label=a&label=a", "'label' is given twice"),
        ("pkcs11:///a.so?id=01&pin=1&pin=1", "'pin' is given twice"),
        ("pkcs11:///a.so?id=01&pin=1&pin-value=1", "the PIN is given twice"),
        ("pkcs11:///a.so?pin=a%20b", "read this 'pin' differently"),
        ("pkcs11:///a.so?pin=a+b", "read this 'pin' differently"),
        ("pkcs11:///a.so?pin=a@b", "read this 'pin' differently"),
        ("pkcs11:///a.so&pin=1234", "a PIN stands in the value of 'library path'"),
        ("pkcs11:///a.so?id=01;pin=1234", "a PIN stands in the value of 'id'"),
        ("pkcs11:///a.so?token=a", "'token' belongs before the question mark"),
        ("pkcs11:///a.so?id=01&module-path=/b.so", "the module is named twice"),
        ("pkcs11://usr/lib/a.so?id=01", "three slashes"),
        ("pkcs11://?id=01", "'module-name' must be a name"),
        ("pkcs11:/a%00b?id=01", "absolute path"),
    ])
    func whatTheSDKsWouldMisreadIsRefused(text: String, reason: String) throws {
        let error = try failure { try PKCS11URI(try KeyStoreURI(text)) }
        #expect(error.code == .invalidURI)
        #expect(error.message.contains(reason), "\(error.message)")
    }

    @Test func thePINIsNeverEchoed() throws {
        let info = try describe("pkcs11:///a.so?id=01&pin=9876")
        #expect(!"\(info)".contains("9876"))
        let error = try failure {
            try PKCS11URI(try KeyStoreURI("pkcs11:///a.so?pin=98%2076&id=1"))
        }
        #expect(!"\(error) \(error.subject)".contains("98"))
    }
}
