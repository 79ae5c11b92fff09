import KeyStoreCore
import KeyStoreLoader
import KeyStoreTesting
import Testing

/// The backend in one C file keeps the contract through the loaded library.
struct SampleConformanceTests {
    @Test func theSampleBackendConforms() async throws {
        let limits = KeyType.generatable.filter { $0 != .ecP256 }.map { KeyStoreConformance.Limit.generating($0) }
        let subject = KeyStoreConformance.Subject(
            everyKey: try KeyStoreURI("sample:token=conformance"), limits: Set(limits),
            open: { try await TestPlugins.loader().open("sample:token=conformance") },
            uri: { try KeyStoreURI("sample:token=conformance;object=\($0)") })
        for outcome in await KeyStoreConformance(subject).run() { #expect(outcome.failure == nil, "\(outcome)") }
    }

    @Test(arguments: [
        "sample:", "sample:object=a", "sample:token=", "sample:token=a;token=b", "sample:token=a;colour=red",
        "sample:token", "sample:token=%", "sample:token=%4", "sample:token=%zz",
        "sample:token=" + String(repeating: "x", count: 257),
    ])
    func aReferenceThatIsWrongIsInvalidURI(_ text: String) throws {
        #expect(throws: KeyStoreError(.invalidURI, "")) { try TestPlugins.loader().describe(try KeyStoreURI(text)) }
    }

    @Test func aReferenceIsNormalisedAndItsUnknownQueryWarnedAbout() throws {
        let loader = TestPlugins.loader()
        let uri = try KeyStoreURI("sample:object=a%62%20;token=%C3%A4;id=1?x=1&backend=sample")
        let info = try loader.describe(uri)
        #expect(info.normalised.text == "sample:token=%C3%A4;id=%31;object=ab%20")
        #expect(info.attributes.map(\.value) == ["ä", "ab "])
        #expect(info.warnings.count == 1)
        #expect(try loader.describe(info.normalised).normalised == info.normalised)
        #expect(try loader.uri(try KeyStoreURI("sample:token=%C3%A4"), matches: info.normalised))
        #expect(try !loader.uri(info.normalised, matches: try KeyStoreURI("sample:token=%C3%A4")))
        #expect(throws: KeyStoreError(.invalidURI, "")) {
            try loader.uri(info.normalised, matches: try KeyStoreURI("sample:x"))
        }
    }
}
