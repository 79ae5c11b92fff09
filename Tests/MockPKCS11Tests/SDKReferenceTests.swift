import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// References for OpenZiti's SDKs to tokens in readers, and to several.
struct SDKReferenceTests {
    private func reference(_ open: OpenMock, _ attributes: String = "object=key") throws -> String {
        let session = try #require(open.session as? any SDKReferencingBackendSession)
        return try session.sdkReference(at: open.uri(attributes)).withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func isWarned(_ open: OpenMock, _ words: String) -> Bool {
        open.host.notices.contains { if case .warning(let text) = $0 { text.contains(words) } else { false } }
    }

    @Test func aReadersNumberIsNotNamedBecauseBothSDKsTakeTheFirstTokenWithoutOne() throws {
        let open = try OpenMock()
        let text = try reference(open)
        #expect(text.hasPrefix("pkcs11:///") && text.hasSuffix("/libMockPKCS11.so?id=01&pin=123456"), "\(text)")
        #expect(isWarned(open, "plug in no other"))
    }

    @Test func anEmptyReaderBeforeTheTokensDoesNotMatter() throws {
        let module = try MockModule("slots 2\nslot 2\nkey P-256 label=key id=01\nslot 1\nvanish")
        #expect(try reference(OpenMock(module, "token=mock-2")).contains("?id=01&pin="))
    }

    @Test func aSlotThatIsNoReaderIsNamedWhateverOthersThereAre() throws {
        let module = try MockModule("slots 2\nslot 2\nslot-id 26\nremovable off\nkey P-256 label=key id=01")
        let open = try OpenMock(module, "token=mock-2")
        #expect(try reference(open).contains("?id=01&slot=0x1a&pin=123456"))
        #expect(!isWarned(open, "plug in no other"))
    }

    @Test func aReaderBehindAnotherIsRefusedBeforeThePINIsAskedFor() throws {
        let module = try MockModule("slots 2\nslot 2\nkey P-256 label=key id=01")
        let open = try OpenMock(module, "token=mock-2")
        _ = try open.key()
        let asked = open.host.requests.count
        let error = try failure { try reference(open) }
        #expect(error.code == .unsupportedOperation && error.message.contains("unplug it"))
        #expect(open.host.requests.count == asked)
        try module.run("slot 1\nvanish")
        #expect(try reference(open).contains("?id=01&pin="))
    }

    @Test(arguments: [
        "key P-256 label=key id=01\nkey P-256 label=other id=01 seed=2",
        "key P-256 label=key\nkey P-256 label=key id=02 seed=2",
    ])
    func aKeyThatTheSDKsCannotTellFromAnotherIsAmbiguous(_ keys: String) throws {
        let open = try OpenMock(script: "remove any\n\(keys)")
        let key = try #require(try open.list().first { $0.label == "key" && $0.id != [2] })
        let session = try #require(open.session as? any SDKReferencingBackendSession)
        #expect(try failure { try session.sdkReference(at: key.uri) }.code == .ambiguousKey)
    }
}
