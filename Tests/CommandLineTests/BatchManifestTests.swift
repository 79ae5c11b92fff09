import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ziti_keystore

/// How manifests are read, and what is wrong with damaged ones.
struct BatchManifestTests {
    private let folder = TemporaryFolder()

    private func read(_ text: String, as format: ManifestFormat = .csv) throws -> [ManifestEntry] {
        try read(Array(text.utf8), as: format)
    }

    private func read(_ bytes: [UInt8], as format: ManifestFormat = .csv) throws -> [ManifestEntry] {
        let reader = try format.open(path: try folder.write("manifest", bytes))
        var entries: [ManifestEntry] = []
        while let entry = try reader.next() { entries.append(entry) }
        #expect(reader.fraction == 1)
        return entries
    }

    private func reason(_ entry: ManifestEntry) -> String? {
        if case .failure(let damage) = entry.row { damage.reason } else { nil }
    }

    private func header(_ line: String) throws -> CommandFailure? {
        do {
            _ = try ManifestFormat.csv.open(path: try folder.write("manifest", line))
            return nil
        } catch {
            return error as? CommandFailure
        }
    }

    @Test func columnsMayStandInAnyOrderAndOptionalOnesMayBeEmpty() throws {
        let entries = try read(
            """
            out,generate,key,size,jwt,cert,kty,crv
            a.json,true,file:a,,a.jwt,,EC,P-384
            b.json,,file:b,4096,b.jwt,b.pem,RSA,
            c.json,FALSE,file:c,,c.jwt,,,

            """)
        let rows = try entries.map { try $0.row.get() }
        #expect(rows.map(\.out) == ["a.json", "b.json", "c.json"])
        #expect(rows.map(\.key) == ["file:a", "file:b", "file:c"])
        #expect(rows.map(\.jwt) == ["a.jwt", "b.jwt", "c.jwt"])
        #expect(rows.map(\.cert) == [nil, "b.pem", nil])
        #expect(rows.map(\.generate) == [true, nil, false])
        #expect(rows.map(\.type) == [.ecP384, .rsa(bits: 4096), nil])
        #expect(entries.map(\.line) == [2, 3, 4])
        #expect(entries.map(\.name) == ["a.json", "b.json", "c.json"].map { Array($0.utf8) })
    }

    @Test func fieldsInQuotationMarksMayHoldCommasQuotationMarksAndLineEnds() throws {
        let entries = try read("jwt,key,out\r\n\"a,b\",\"say \"\"x\"\"\",\"one\r\ntwo\n\"\r\nc,d,e")
        let rows = try entries.map { try $0.row.get() }
        #expect(rows.map(\.jwt) == ["a,b", "c"])
        #expect(rows.map(\.key) == ["say \"x\"", "d"])
        #expect(rows.map(\.out) == ["one\r\ntwo\n", "e"])
        // The second record begins behind three lines of the first.
        #expect(entries.map(\.line) == [2, 5])
    }

    @Test func aByteOrderMarkAndEmptyLinesAreNoRows() throws {
        let entries = try read([0xEF, 0xBB, 0xBF] + Array("jwt,key,out\n\n\r\na,b,c\n\n".utf8))
        #expect(try entries.map { try $0.row.get().out } == ["c"])
        #expect(entries.map(\.line) == [4])
    }

    @Test func aDamagedRowCostsNoOther() throws {
        let good = "a,b,c\n"
        for (damaged, reason) in [
            ("\"a,b,c\n", "a quotation mark opens a field and none closes it"),
            ("\"a\"b,b,c\n", "something follows the quotation mark that closes a field"),
            ("a\"b,b,c\n", "a quotation mark stands in a field that does not begin with one"),
            ("a,b\n", "it has 2 fields, and the header 3"), ("a,b,c,d\n", "it has 4 fields, and the header 3"),
            (",b,c\n", "'jwt' is missing"), ("a,,c\n", "'key' is missing"), ("a,b,\n", "'out' is missing"),
            ("a,b\u{0},c\n", "'key' holds a NUL character"),
            (String(repeating: "x", count: 200_000) + "\n", "it is longer than 131072 bytes"),
            (String(repeating: "x", count: 70_000) + ",b,c\n", "'jwt' is longer than 65536 bytes"),
            ("a,\(String(repeating: "x", count: 9000)),c\n", "'key' is longer than 8192 bytes"),
            ("a,b,\(String(repeating: "x", count: 5000))\n", "'out' is longer than 4096 bytes"),
        ] {
            let entries = try read("jwt,key,out\n" + good + damaged + good)
            #expect(entries.map(self.reason) == [nil, reason, nil])
            #expect(entries.map(\.line) == [2, 3, 4])
        }
        let entries = try read(Array("jwt,key,out\na,b,c\na,b,".utf8) + [0xFF, 0x0A] + Array(good.utf8))
        #expect(entries.map(reason) == [nil, "it is not text in UTF-8", nil])
    }

    @Test func aQuotationMarkThatIsNeverClosedDoesNotSwallowMoreThanItsLine() throws {
        // Longer than what is looked at for the mark that closes it.
        let good = String(repeating: "a,b,c\n", count: 40_000)
        let entries = try read("jwt,key,out\n\"open,b,c\n" + good)
        #expect(entries.count == 40_001)
        #expect(reason(entries[0]) == "a quotation mark opens a field and none closes it")
        #expect(entries.dropFirst().allSatisfy { reason($0) == nil })
        #expect(entries.last?.line == 40_002)
    }

    @Test(arguments: [
        ("", "missing"), ("jwt,key\n", "lacks the column 'out'"), ("jwt,key,out,jwt\n", "twice"),
        ("jwt,key,out,pin\n", "not known: 'pin'"), ("\"jwt,key,out\n", "cannot be read"),
        ("a.jwt,file:a,a.json\n", "not known"),
        ("jwt;key;out\n", "not known"), ("JWT,key,out\n", "not known"),
    ])
    func aWrongHeaderIsAUsageError(_ line: String, _ reason: String) throws {
        let failure = try #require(try header(line))
        #expect(failure.status == .usage)
        #expect(failure.message.contains(reason), "\(failure.message)")
    }

    @Test func ofANameThatIsNotKnownOnlyTheBeginningIsShown() throws {
        // One character, however many marks stand on it.
        let name = "o" + String(repeating: "\u{301}", count: 1000)
        let shown = "o" + String(repeating: "\u{301}", count: 63)
        let failure = try #require(try header("jwt,key,\(name)\n"))
        #expect(failure.message.hasSuffix("'\(shown)'"))
        let entries = try read("{\"\(name)\":1}", as: .jsonLines)
        #expect(entries.map(reason) == ["the member '\(shown)' is not known"])
    }

    @Test func generateAndSizeAreCheckedAndKeyTypesMustExist() throws {
        for (fields, reason) in [
            ("yes,,,", "'generate' is neither true nor false"), ("true,,,-1", "'size' is no number"),
            ("true,,,0x10", "'size' is no number"),
            ("true,RSA,,1024", "'kty', 'crv' and 'size' name no key that can be made"),
            ("true,EC,P-999,", "'kty', 'crv' and 'size' name no key that can be made"),
            ("true,,,99999999999999999999", "'size' is no number"),
            ("false,EC,,", "'kty', 'crv' and 'size' go with keys that are made, and 'generate' is false"),
        ] {
            let entries = try read("jwt,key,out,generate,kty,crv,size\na,b,c,\(fields)\n")
            #expect(entries.map(self.reason) == [reason])
            // Such a row still is in the shard of its output.
            #expect(entries[0].out == "c")
        }
    }

    @Test func everyLineOfJSONLinesIsARow() throws {
        let entries = try read(
            """
            {"jwt":"a.jwt","key":"file:a","out":"a.json","generate":true,"kty":"RSA","size":2048}

            {"out":"b.json","key":"file:b","jwt":"b.jwt","cert":null,"generate":false}
            """, as: .jsonLines)
        let rows = try entries.map { try $0.row.get() }
        #expect(rows.map(\.out) == ["a.json", "b.json"])
        #expect(rows.map(\.generate) == [true, false])
        #expect(rows.map(\.type) == [.rsa(bits: 2048), nil])
        #expect(entries.map(\.line) == [1, 3])
    }

    @Test(arguments: [
        ("{", "it is not JSON, or was cut short"), ("[]", "it is no JSON object"), ("3", "it is no JSON object"),
        ("null", "it is no JSON object"),
        (#"{"jwt":"a","key":"b","out":"c","pin":"1234"}"#, "the member 'pin' is not known"),
        (#"{"jwt":"a","key":"b","out":3}"#, "'out' has a value of the wrong kind"),
        (#"{"jwt":"a","key":"b","out":"c","generate":"true"}"#, "'generate' has a value of the wrong kind"),
        (#"{"jwt":"a","key":"b","out":"c","size":"2048"}"#, "'size' has a value of the wrong kind"),
        (#"{"jwt":"a","key":"b"}"#, "'out' is missing"),
    ])
    func aDamagedObjectCostsNoOther(_ line: String, _ reason: String) throws {
        let good = #"{"jwt":"a","key":"b","out":"c"}"#
        let entries = try read("\(good)\n\(line)\n\(good)", as: .jsonLines)
        #expect(entries.map(self.reason) == [nil, reason, nil])
    }

    @Test func aJWTIsToldFromAFileByItsForm() throws {
        for (text, isJWT) in [
            ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIifQ.c2ln", true), ("a.jwt", false), ("eyJ.jwt", false),
            ("./eyJa.b.c", false), ("tokens/eyJa.b.c", false), ("eyJa.b.c.d", false),
        ] {
            let entry = try #require(try read("jwt,key,out\n\(text),b,c\n").first)
            #expect(try entry.row.get().holdsJWT == isJWT)
        }
    }

    @Test func whatIsNoFileIsNoManifest() throws {
        for path in [folder.path, "/dev/null", folder.path("none.csv")] {
            let failure = #expect(throws: CommandFailure.self) { try ManifestLines(path: path) }
            #expect(failure?.status == .badData)
        }
    }
}
