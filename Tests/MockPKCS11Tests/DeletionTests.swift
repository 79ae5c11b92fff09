import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// What is deleted with a key.
struct DeletionTests {
    @Test(arguments: ["P-256", "Ed25519", "RSA-2048"], ["public=yes", "public=no"])
    func aKeyIsDeletedWithItsCertificate(type: String, publicKey: String) throws {
        let open = try OpenMock(
            script: "remove any\nkey \(type) label=key id=01 seed=2 certificate=yes \(publicKey)")
        let session = try #require(open.session as? any KeyDeletingBackendSession)
        try session.deleteKey(at: try open.uri())
        #expect(open.module.value("objects") == 0)
    }

    @Test func whatAnotherKeyWithTheSameIDHasIsLeft() throws {
        let open = try OpenMock(
            script: "remove any\nkey P-256 label=key id=01 seed=2 certificate=yes public=no\n"
                + "key P-256 label=other id=01 seed=3 certificate=yes public=no")
        let session = try #require(open.session as? any KeyDeletingBackendSession)
        try session.deleteKey(at: try open.uri())
        #expect(try open.list().map(\.label) == ["other"])
        #expect(try open.list().map(\.hasCertificate) == [true])
    }
}
