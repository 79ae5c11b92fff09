import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Other names on tokens that refuse in the middle.
struct RelabellingTests {
    private func open() throws -> (OpenMock, any RelabellingBackendSession) {
        let open = try OpenMock(script: "remove any\nkey P-256 label=key id=01 seed=7 certificate=yes")
        return (open, try #require(open.session as? any RelabellingBackendSession))
    }

    @Test(
        arguments: [
            "CKR_ATTRIBUTE_READ_ONLY", "CKR_ACTION_PROHIBITED", "CKR_ATTRIBUTE_VALUE_INVALID",
            "CKR_TEMPLATE_INCONSISTENT",
            "CKR_ATTRIBUTE_TYPE_INVALID",
        ], 1...3)
    func aRefusalOfAnyPartLeavesTheOldNames(value: String, part: Int) throws {
        let (open, session) = try open()
        try open.module.run("on C_SetAttributeValue \(part) return \(value)")
        let error = try failure { try session.relabel(at: try open.uri(), label: "new", id: [2]) }
        #expect(error.code == .policyRefused)
        #expect(error.native?.name == value)
        #expect(!error.message.contains("could not be given"))
        let listed = try open.list()
        #expect(listed.map(\.label) == ["key"] && listed.map(\.id) == [[1]])
        #expect(listed[0].hasCertificate)
        #expect(try open.key("id=%01").signsValidly())
    }

    @Test func whatCannotBeUndoneIsNamed() throws {
        let (open, session) = try open()
        try open.module.run("on C_SetAttributeValue 2+ return CKR_ATTRIBUTE_READ_ONLY")
        let error = try failure { try session.relabel(at: try open.uri(), label: "new", id: nil) }
        #expect(error.code == .policyRefused)
        #expect(error.message.contains("the key's private key could not be given the old name back"))
    }

    @Test(arguments: ["CKR_DEVICE_ERROR", "CKR_SESSION_HANDLE_INVALID"])
    func whatMayHaveChangedTheTokenIsNotDoneAgain(value: String) throws {
        let (open, session) = try open()
        try open.module.run("on C_SetAttributeValue 1 return \(value)")
        let code = try failure { try session.relabel(at: try open.uri(), label: "new", id: nil) }.code
        #expect([.tokenRemoved, .backendFailure].contains(code), "\(code)")
        #expect(open.module.value("C_SetAttributeValue") <= 2)
        #expect(try open.list().map(\.label) == ["key"])
        #expect(open.module.violations == [])
    }

    @Test func aModuleWithoutTheFunctionIsUnsupported() throws {
        let open = try OpenMock(script: "lack C_SetAttributeValue")
        let session = try #require(open.session as? any RelabellingBackendSession)
        let error = try failure { try session.relabel(at: try open.uri(), label: "new", id: nil) }
        #expect(error.code == .unsupportedOperation)
    }

    @Test func aKeyThatMayNotBeModifiedKeepsItsName() throws {
        let open = try OpenMock(script: "remove any\nkey P-256 label=key id=01 modifiable=no")
        let session = try #require(open.session as? any RelabellingBackendSession)
        let error = try failure { try session.relabel(at: try open.uri(), label: "new", id: nil) }
        #expect(error.code == .policyRefused)
        #expect(try open.list().map(\.label) == ["key"])
    }

    @Test func aNameThatAnotherKeyHasIsNotTried() throws {
        let (open, session) = try open()
        try open.module.run("key P-256 label=other id=02 seed=8 public=no")
        #expect(try failure { try session.relabel(at: try open.uri(), label: "other", id: nil) }.code == .keyExists)
        #expect(open.module.value("C_SetAttributeValue") == 0)
    }
}
