import KeyStoreCore
import KeyStoreLoader
import Testing

/// One key, two paths: a backend opens the references of another's scheme that it says it reads.
struct ReadSchemeTests {
    private static let reference = "pkcs11:token=read;object=one;id=%01"

    @Test func aReferenceOfAnotherSchemeOpensTheBackendThatIsAskedFor() async throws {
        let loader = TestPlugins.loader()
        for (text, backend) in [("\(Self.reference)?backend=sample", nil), (Self.reference, "sample")] {
            let uri = try KeyStoreURI(text)
            #expect(try loader.describe(uri, backend: backend).normalised.text == "sample:token=read;id=%01;object=one")
            let store = try await loader.open(OpenRequest(uri: uri), backend: backend)
            #expect(store.backend.name == "sample" && store.backend.reads == ["pkcs11"])
            #expect(store.uri.scheme == "sample")
            #expect(try await store.tokens().map(\.uri.scheme) == ["sample"])
        }
    }

    @Test func theSameKeyIsFoundBothWaysAndListedAsItsBackendNamesIt() async throws {
        let loader = TestPlugins.loader()
        let foreign = try KeyStoreURI("pkcs11:token=both;object=a?backend=sample")
        let session = try await loader.open(OpenRequest(uri: foreign)).openSession(
            SessionOptions(isWritable: true), pin: .none)
        let made = try await session.generateKey(.ecP256, at: foreign)
        #expect(made.info.uri.scheme == "sample")
        let publicKey = try await made.publicKey()
        for uri in [foreign, made.info.uri, try KeyStoreURI("sample:token=both;object=a")] {
            #expect(try await session.keys(matching: uri).map(\.uri) == [made.info.uri])
            let found = try await loader.key(at: uri.text, pin: .none)
            #expect(try await found.publicKey() == publicKey)
        }
        #expect(try loader.uri(foreign, matches: made.info.uri))
        #expect(try loader.uri(made.info.uri, matches: try KeyStoreURI("sample:token=both;object=b")) == false)
    }

    @Test func withoutBeingAskedForItIsTheSchemesOwnBackendThatIsWanted() throws {
        #expect(throws: KeyStoreError(.noSuchBackend, "")) {
            try TestPlugins.loader().describe(try KeyStoreURI(Self.reference))
        }
        #expect(throws: KeyStoreError(.invalidURI, "")) {
            try TestPlugins.loader().describe(try KeyStoreURI("memory:a?backend=sample"))
        }
    }
}
