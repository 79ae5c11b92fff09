import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Tokens with many keys: what is asked of the module does not grow with their number.
struct ScaleTests {
    /// How often the functions were called that cost a token something.
    private func calls(_ module: MockModule) -> [Int] {
        ["C_FindObjectsInit", "C_FindObjects", "C_GetAttributeValue"].map(module.value)
    }

    @Test func aKeyAmongTenThousandCostsNoMoreCallsThanOneAlone() throws {
        var counts: [[Int]] = []
        for count in [1, 10_000] {
            let open = try OpenMock(script: "remove any\nkeys \(count) P-256")
            let key = try open.key("object=key-1")
            #expect(try key.signsValidly(by: KnownKeys.first))
            counts.append(calls(open.module))
        }
        #expect(counts[0] == counts[1])
        #expect(counts[0][0] == 1)
    }

    @Test func tenThousandKeysAreListedWithTwoSearchesAndOneReadForEachObject() throws {
        let open = try OpenMock(script: "remove any\nkeys 10000 P-256", SessionOptions(login: .atOnce))
        var count = 0
        try open.session.forEachKey(matching: nil) { _ in
            count += 1
            return true
        }
        #expect(count == 10_000)
        // One for the certificates, and one for everything.
        #expect(open.module.value("C_FindObjectsInit") == 2)
        #expect(open.module.value("C_GetAttributeValue") == 20_000)
    }
}
