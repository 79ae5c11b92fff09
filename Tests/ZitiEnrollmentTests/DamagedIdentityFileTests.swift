import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Identity files that are damaged, field by field: what is refused is refused with the field's name, and what is accepted
/// is accepted for a reason.
struct DamagedIdentityFileTests {
    /// The refusal of a file. Holds nothing of its key.
    private func refusal(
        of bytes: [UInt8], _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let error = try #require(
            throws: EnrollmentError.self, comment, sourceLocation: sourceLocation
        ) { try IdentityFile(json: bytes) }
        #expect(error.code == .identityInvalid, comment, sourceLocation: sourceLocation)
        #expect(error.group == .badInput, sourceLocation: sourceLocation)
        #expect(!"\(error)".contains("topsecret"), sourceLocation: sourceLocation)
        return error.message
    }

    @Test func theTextThatIsDamagedHereIsSound() throws {
        let identity = try IdentityFile(json: IdentityText().bytes)
        #expect(identity.controllers.map(\.text) == ["https://ctrl:1280"])
        #expect(identity.certificates.count == 2 && identity.authorities.count == 2)
        #expect(identity.extras == IdentityExtras(fallbackReason: "absent", algorithms: [.ecdsaP256SHA256]))
    }

    // MARK: Fields

    private static let wrongKinds = ["7", "true", "[]", "{}", #""text""#, "null"]

    @Test(arguments: [
        ("ztAPI", ["7", "true", "[]", "{}", "null"]), ("ztAPIs", ["7", "true", "{}", #""text""#]),
        ("id", ["7", "true", "[]", #""text""#, "null"]), ("id.key", ["7", "true", "[]", "{}", "null"]),
        ("id.cert", ["7", "true", "[]", "{}", "null"]), ("id.ca", ["7", "true", "[]", "{}", "null"]),
        ("zitiKeystore", ["7", "true", "[]", #""text""#]),
    ])
    func aValueOfTheWrongKindIsRefusedWithItsName(_ field: String, _ values: [String]) throws {
        for value in values {
            var text = try IdentityText()
            if field == "ztAPI" { text["ztAPIs"] = nil }
            text[field] = value
            let message = try refusal(of: text.bytes, "\(field): \(value)")
            let reason = value == "null" ? "has nothing in" : "has a value of the wrong kind in"
            #expect(message == "the identity file \(reason) '\(field)'", "\(value)")
        }
    }

    @Test(arguments: ["ztAPI", "id", "id.key", "id.cert", "id.ca"])
    func aFieldThatIsMissingIsNamed(_ field: String) throws {
        var text = try IdentityText()
        if field == "ztAPI" { text["ztAPIs"] = nil }
        text[field] = nil
        #expect(try refusal(of: text.bytes) == "the identity file lacks '\(field)'")
    }

    @Test(arguments: [
        (#"[7]"#, "ztAPIs[0]"), (#"["https://a:1",false]"#, "ztAPIs[1]"), (#"[["https://a:1"]]"#, "ztAPIs[0]"),
        (#"["https://a:1","https://b:1",{}]"#, "ztAPIs[2]"),
    ])
    func anElementOfTheControllersThatIsNoTextIsNamed(_ value: String, _ name: String) throws {
        var text = try IdentityText()
        text["ztAPIs"] = value
        #expect(try refusal(of: text.bytes) == "the identity file has a value of the wrong kind in '\(name)'")
    }

    @Test(arguments: [
        "", "https://", "http://ctrl:1280", "ctrl:1280", "https://ctrl:0", "https://ctrl:65536", "https://user@ctrl",
        "https://ctrl/other", "https://ctrl:1280/edge/client/v1?a=b", "https://ctrl\\n", "https://[::1",
        "file:///etc/passwd",
    ])
    func aControllerThatIsNoAddressIsRefused(_ value: String) throws {
        var text = try IdentityText()
        text["ztAPIs"] = nil
        text["ztAPI"] = "\"\(value)\""
        #expect(
            try refusal(of: text.bytes).contains("names no controller: 'ztAPI', or one of 'ztAPIs', must be https://"))
    }

    @Test(arguments: ["id.cert", "id.ca"])
    func certificatesThatAreNoneAreRefusedWithTheFieldsName(_ field: String) throws {
        let sound = try IdentityText()
        let pem = try JSONDecoder().decode([String].self, from: Data("[\(sound[field] ?? "")]".utf8))[0]
        let block = String(pem.dropFirst("pem:".count))
        let end = "-----END CERTIFICATE-----"
        let cases: [(String, String)] = [
            ("", "neither holds certificates in PEM"), ("garbage", "neither holds certificates in PEM"),
            ("file:///none/cert.pem", "which is not opened here"), ("/none/cert.pem", "which is not opened here"),
            ("pem:", "holds what is no certificate, or none"), ("pem:garbage", "holds what is no certificate, or none"),
            ("pem:" + block.replacing("-----END", with: "-----THE"), "holds what is no certificate, or none"),
            ("pem:" + String(block.dropLast(end.count + 40)), "holds what is no certificate, or none"),
            ("pem:" + block.replacing("MII", with: "MI!", maxReplacements: 1), "holds what is no certificate, or none"),
            ("pem:-----BEGIN CERTIFICATE-----\nAAAA\n\(end)\n", "holds what is no certificate, or none"),
            ("pem:" + block + "-----BEGIN CERTIFICATE-----\nMAA=\n\(end)\n", "holds what is no certificate, or none"),
            (block.replacing("CERTIFICATE", with: "PRIVATE KEY"), "holds what is no certificate, or none"),
            (
                "pem:" + String(repeating: block, count: CertificateList.maximumCount / 2 + 1),
                "holds what is no certificate, or none"
            ),
        ]
        for (value, reason) in cases {
            var text = sound
            text[field] = IdentityText.quoted(value)
            let message = try refusal(of: text.bytes, "\(value.prefix(60))")
            #expect(message.contains(reason) && message.contains("'\(field)'"), "\(value.prefix(60)): \(message)")
        }
    }

    @Test(arguments: [
        (#"{"algorithms":7}"#, "zitiKeystore.algorithms"), (#"{"algorithms":["x"]}"#, "zitiKeystore.algorithms[0]"),
        (#"{"algorithms":[1027,null]}"#, "zitiKeystore.algorithms[1]"),
        (#"{"algorithms":[70000]}"#, "zitiKeystore.algorithms[0]"),
        (#"{"algorithms":[-1]}"#, "zitiKeystore.algorithms[0]"),
        (#"{"algorithms":[1.5]}"#, "zitiKeystore.algorithms[0]"),
        (#"{"fallbackReason":7}"#, "zitiKeystore.fallbackReason"),
        (#"{"fallbackFor":[]}"#, "zitiKeystore.fallbackFor"),
    ])
    func whatOnlyThisLibraryWritesIsReadStrictly(_ value: String, _ name: String) throws {
        var text = try IdentityText()
        text["zitiKeystore"] = value
        #expect(try refusal(of: text.bytes).contains("'\(name)'"))
    }

    @Test func anEmptyKeyIsRefused() throws {
        var text = try IdentityText()
        text["id.key"] = #""""#
        #expect(try refusal(of: text.bytes) == "the identity file has an empty 'id.key'")
    }

    @Test(arguments: [
        "garbage", "/plain/path.pem", "key.pem", "scheme", ":key", "sch eme:key", "scheme:key\\u0000",
        "pkcs11:token=a?pin-value=topsecret\\n", "ht tps://user:topsecret@host/key",
    ])
    func aKeyThatIsNoReferenceIsFoundBeforeAnyStoreIsOpened(_ value: String) async throws {
        var text = try IdentityText()
        text["id.key"] = "\"\(value)\""
        // Other programs may name keys as they like, and what is not needed for the key works: it is shown, and converted.
        let identity = try IdentityFile(json: text.bytes)
        let error = try #require(throws: EnrollmentError.self) { try identity.keyReference() }
        #expect(error.code == .identityInvalid && error.message.contains("'id.key'"), "\(error.message)")
        #expect(!"\(error)".contains("topsecret"))
        let findings = await IdentityCheck(identity).findings()
        #expect(findings.filter { $0.verdict == .failed }.map(\.subject).contains(.key))
    }

    // MARK: What is accepted

    @Test func controllersThatAreNoAddressesArePassedOverAndReported() async throws {
        var text = try IdentityText()
        text["ztAPIs"] =
            #"["nonsense","http://insecure:1280","","https://other:1280","https://other:1280/x","file:///x"]"#
        // A newer or another program may list what this one cannot use; the others still answer.
        let identity = try IdentityFile(json: text.bytes)
        #expect(identity.controllers.map(\.text) == ["https://ctrl:1280", "https://other:1280"])
        let warnings = await IdentityCheck(identity).findings().filter { $0.verdict == .warning }.map(\.text)
        for index in [0, 1, 2, 4, 5] {
            #expect(warnings.contains { $0.contains("'ztAPIs[\(index)]'") }, "\(index): \(warnings)")
        }
        #expect(!warnings.contains { $0.contains("'ztAPIs[3]'") })
        #expect(try IdentityFile(json: identity.json()).controllerAPIs == identity.controllerAPIs, "one was lost")
    }

    @Test func thousandsOfControllersAreReadAndFewAreTried() throws {
        var text = try IdentityText()
        text["ztAPIs"] = "[" + (1...5000).map { "\"https://c\($0):1280\"" }.joined(separator: ",") + "]"
        let identity = try IdentityFile(json: text.bytes)
        #expect(identity.controllers.count == IdentityFile.maximumControllers)
    }

    @Test(arguments: ["ztAPIs", "zitiKeystore"], ["null", nil])
    func whatMayBeAbsentMayBeNull(_ field: String, _ value: String?) throws {
        var text = try IdentityText()
        text[field] = value
        let identity = try IdentityFile(json: text.bytes)
        #expect(field == "ztAPIs" ? identity.controllerAPIs.isEmpty : identity.extras == IdentityExtras())
    }

    @Test(arguments: ["enableHa", "configTypes", "theirs", "id.server_key", "id.theirs"])
    func aMemberOfAnotherProgramIsKeptWhateverItHolds(_ field: String) throws {
        for value in Self.wrongKinds + [#"[{"a":{"a":[1,-2.5]}},{"a":null}]"#, #""\"id\":{\"key\":7}""#, "-0.5"] {
            var text = try IdentityText()
            text[field] = value
            let written = try IdentityFile(json: text.bytes).json()
            var object = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? [String: Any])
            if field.hasPrefix("id.") { object = try #require(object["id"] as? [String: Any]) }
            let expected = try JSONSerialization.jsonObject(with: Data("[\(value)]".utf8)) as? [Any]
            let kept = try #require(object[field.replacing("id.", with: "")])
            #expect([kept] as NSArray == (expected ?? []) as NSArray, "\(field): \(value)")
        }
    }

    @Test(arguments: ["1e999", "[1,-1e999]", #""\ud800""#, #"{"a":"\udc00\ud800"}"#])
    func aValueThatNoProgramCanKeepIsRefusedWithItsName(_ value: String) throws {
        for field in ["theirs", "id.theirs"] {
            var text = try IdentityText()
            if field == "ztAPI" { text["ztAPIs"] = nil }
            text[field] = value
            let message = try refusal(of: text.bytes, "\(value)")
            #expect(message.contains("'\(field)"), "\(value): \(message)")
        }
    }

    @Test func algorithmsThatAreUnknownAreKeptAndNeverUsed() throws {
        var text = try IdentityText()
        text["zitiKeystore"] = #"{"algorithms":[65535,1027]}"#
        // A newer version may know them.
        let identity = try IdentityFile(json: text.bytes)
        #expect(identity.extras.algorithms?.map(\.rawValue) == [65535, 1027])
        #expect(try IdentityFile(json: identity.json()).extras == identity.extras)
    }

    // MARK: The text

    @Test(arguments: ["", " ", "\n\n\t"])
    func anEmptyFileIsCalledEmpty(_ text: String) throws {
        #expect(try refusal(of: Array(text.utf8)) == "the identity file is empty")
    }

    @Test(arguments: ["null", "7", "true", #""text""#, "[]", #"[{"ztAPI":"https://ctrl"}]"#])
    func whatIsNoObjectIsCalledThat(_ text: String) throws {
        #expect(try refusal(of: Array(text.utf8)) == "the identity file is no JSON object")
    }

    @Test func aFileThatIsCutAnywhereIsRefused() throws {
        let bytes = Array(try IdentityText().bytes.dropLast(2))
        for count in 1..<bytes.count where count < 400 || count > bytes.count - 400 || count % 97 == 0 {
            #expect(try refusal(of: Array(bytes.prefix(count))) == "the identity file is no JSON, or was cut short")
        }
        #expect(try refusal(of: bytes) == "the identity file is no JSON, or was cut short")
    }

    @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32])
    func anotherEncodingIsRefused(_ encoding: String.Encoding) throws {
        let data = try #require(try IdentityText().text.data(using: encoding))
        #expect(try refusal(of: Array(data)) == "the identity file is no text in UTF-8")
    }

    @Test func aByteThatIsNoTextIsRefused() throws {
        let bytes = try IdentityText().bytes
        for byte: UInt8 in [0, 0x80, 0xFF] {
            var damaged = bytes
            damaged[bytes.count / 2] = byte
            #expect(try refusal(of: damaged) == "the identity file is no text in UTF-8")
        }
    }

    @Test func whatFollowsTheObjectIsRefused() throws {
        let text = try IdentityText().text
        for more in ["x", "{}", text, ","] {
            #expect(try refusal(of: Array((text + more).utf8)) == "the identity file is no JSON, or was cut short")
        }
    }

    @Test func nestingHasALimitAndUpToItEverythingIsKept() throws {
        for (depth, isRead) in [
            (JSONOutline.maximumDepth - 1, true), (JSONOutline.maximumDepth, false), (50_000, false),
        ] {
            for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
                let core = open == "[" ? "" : "1"
                var text = try IdentityText()
                text["theirs"] = String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
                guard isRead else {
                    #expect(try refusal(of: text.bytes) == "the identity file is nested more than 128 levels deep")
                    continue
                }
                let written = try IdentityFile(json: text.bytes).json()
                #expect(String(decoding: written, as: UTF8.self).contains(text["theirs"] ?? "?"))
            }
        }
    }

    @Test(arguments: [
        "ztAPI", "ztAPIs", "id", "id.key", "id.cert", "id.ca", "zitiKeystore", "enableHa", "theirs", "id.theirs",
    ])
    func aMemberThatIsThereTwiceIsRefusedAsProgramsTakeAnotherOneOfThem(_ field: String) throws {
        var text = try IdentityText()
        if field.hasSuffix("theirs") { text.add(field, "1") }
        text.add(field, text[field].flatMap { $0.isEmpty ? nil : $0 } ?? "null")
        #expect(try refusal(of: text.bytes) == "the identity file has '\(field)' twice")
    }

    @Test func aNameThatIsWrittenInTwoWaysIsOneName() throws {
        var text = try IdentityText()
        text.add("id.k\\u0065y", #""scheme:other""#)
        #expect(try refusal(of: text.bytes) == "the identity file has 'id.key' twice")
        text = try IdentityText()
        text["theirs"] = #"[0,{"a":[],"b":{"c":1,"d":"\\","c":2}}]"#
        #expect(try refusal(of: text.bytes) == "the identity file has 'theirs[1].b.c' twice")
    }

    // MARK: Files

    @Test func ofALongFileLittleIsRead() throws {
        let folder = TemporaryFolder()
        let text = try IdentityText().text
        for spaces in [10 << 20, IdentityFile.maximumLength + 1 - text.utf8.count] {
            try folder.write("long.json", text + String(repeating: " ", count: spaces))
            let error = try #require(throws: EnrollmentError.self) { try IdentityFile(path: folder.path("long.json")) }
            #expect(error.code == .identityInvalid)
            #expect(error.message == "the identity file is longer than 1048576 bytes")
        }
        try folder.write(
            "long.json", text + String(repeating: " ", count: IdentityFile.maximumLength - text.utf8.count))
        #expect(try IdentityFile(path: folder.path("long.json")).controllers.count == 1)
    }

    @Test func aFolderIsNoIdentityFile() throws {
        let folder = TemporaryFolder()
        let error = try #require(throws: EnrollmentError.self) { try IdentityFile(path: folder.path) }
        #expect(error.code == .identityInvalid && error.message.contains(folder.path), "\(error.message)")
    }
}
