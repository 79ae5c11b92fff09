import Testing

/// Rows of a batch whose output is there already: what is compared, and that no PIN is spent on it.
struct BatchFinishedTests {
    /// Two identities with keys on one token.
    private func prepare() async throws -> BatchPlace {
        let place = try await BatchPlace()
        try await place.line.makeToken()
        place.line.write("wrong", "wrong-99182\n", mode: 0o600)
        try place.makeManifest(["a", "b"]) { "pkcs11:token=demo;object=\($0)" }
        _ = try await place.run(["--pin-source", "pin"])
        return place
    }

    @Test(arguments: ["object=1", "object=none"])
    func anotherKeyIsSeenWithoutAPIN(_ attribute: String) async throws {
        let place = try await prepare()
        place.writeManifest(["a.jwt,pkcs11:token=demo;\(attribute),out/a.json"])
        let output = try await place.run(
            ["--pin-source", "wrong", "--trace", place.line.path("trace")], status: 68)
        #expect(output.codes == ["outputExists"])
        #expect(output.messages[0].contains("another key"), "\(output.messages)")
        #expect(try place.loginCount("trace") == 0)
        #expect(place.redemptionCount == 2)
    }

    @Test func theRowsOwnKeyIsSeenWithoutAPINUnderAnotherReference() async throws {
        let place = try await prepare()
        let module = "?module-path=/usr/lib/softhsm/libsofthsm2.so"
        place.writeManifest([
            "a.jwt,pkcs11:token=demo;object=0,out/a.json", "b.jwt,pkcs11:object=1\(module),out/b.json",
        ])
        let output = try await place.run(["--pin-source", "wrong", "--trace", place.line.path("trace")])
        #expect(output.statuses == ["alreadyDone", "alreadyDone"])
        #expect(try place.loginCount("trace") == 0)
    }

    @Test func whyAKeyCannotBeComparedIsNotTakenForAnotherKey() async throws {
        let place = try await prepare()
        place.line.write("fleet/keys/damaged.pem", "nonsense\n", mode: 0o600)
        place.writeManifest([
            "a.jwt,file:keys/damaged.pem,out/a.json", "a.jwt,pkcs11:token=demo;type=public,out/a.json",
            "a.jwt,pkcs11:token=none;object=0,out/a.json",
        ])
        let output = try await place.run(
            ["--pin-source", "wrong", "--trace", place.line.path("trace")], status: nil)
        #expect(output.codes == ["invalidData", "ambiguousKey", "noSuchToken"])
        #expect(try place.loginCount("trace") == 0)
    }
}
