import Foundation
import KeyStoreCore
import SwiftASN1
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

struct IdentityFileTests {
    private let pem: String

    init() throws {
        let recorded = try Recordings.answer("enroll-ott-success-json")
        pem = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: recorded.body)).pem
    }

    /// A file with some members replaced.
    private func file(_ changes: [String: Any?] = [:], id: [String: Any?] = [:], prefix: String = "pem:") throws
        -> [UInt8]
    {
        var credentials: [String: Any] = ["key": "scheme:key", "cert": prefix + pem, "ca": prefix + pem]
        for (name, value) in id { credentials[name] = value }
        var members: [String: Any] = ["ztAPI": "https://ctrl:1280/edge/client/v1", "id": credentials]
        for (name, value) in changes { members[name] = value }
        return Array(try JSONSerialization.data(withJSONObject: members))
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let extras = IdentityExtras(
            fallbackReason: "absent", fallbackFor: "scheme:token", algorithms: [.rsaPKCS1SHA256])
        let certificates = try #require(CertificateList.parse(pem: pem)).map { try $0.derBytes }
        let written = IdentityFile(
            controller: try #require(ControllerAddress("https://ctrl:1280")), controllerAPIs: ["https://c2:1280"],
            key: "scheme:key;object=a%2Fb", certificates: certificates, authorities: certificates, extras: extras)
        let read = try IdentityFile(json: written.json())
        #expect(read.controller == written.controller)
        #expect(read.controllerAPIs == ["https://c2:1280"])
        #expect(read.key == "scheme:key;object=a%2Fb")
        #expect(read.certificates == certificates)
        #expect(read.authorities == certificates)
        #expect(read.extras == extras)
        #expect(try read.keyReference().scheme == "scheme")
        #expect(try written.json() == read.json())
    }

    @Test func theDialectOfTheCSDKIsRead() throws {
        let identity = try IdentityFile(
            json: file(["ztAPI": "https://ctrl:1280", "ztAPIs": ["https://ctrl:1280"]], prefix: ""))
        #expect(identity.controller.text == "https://ctrl:1280")
        #expect(identity.certificates.count == 2)
    }

    @Test func theDialectOfTheGoSDKIsRead() throws {
        let identity = try IdentityFile(
            json: file(["ztAPIs": NSNull(), "configTypes": NSNull(), "enableHa": false, "later": ["x": 1]]))
        #expect(identity.controller.text == "https://ctrl:1280")
        #expect(identity.controllerAPIs.isEmpty)
    }

    @Test(arguments: [nil, "", "https://first:1280"] as [String?])
    func aFileMayNameItsControllersInTheListAlone(_ single: String?) throws {
        let identity = try IdentityFile(
            json: file(["ztAPI": single ?? NSNull(), "ztAPIs": ["https://ctrl:1280", "https://c2:1280"]]))
        #expect(identity.controller.text == (single == "https://first:1280" ? single : "https://ctrl:1280"))
        #expect(identity.controllerAPIs.count == 2)
    }

    @Test func whatIsNoAddressInTheListIsPassedOver() throws {
        let identity = try IdentityFile(json: file(["ztAPI": NSNull(), "ztAPIs": ["nonsense", "https://ctrl:1280"]]))
        #expect(identity.controller.text == "https://ctrl:1280")
        let error = try #require(throws: EnrollmentError.self) {
            try IdentityFile(json: file(["ztAPI": NSNull(), "ztAPIs": ["nonsense"]]))
        }
        #expect(error.message.contains("'ztAPIs'"))
    }

    @Test(arguments: [
        ("ztAPI", "ztAPI"), ("id", "id"),
    ])
    func aMissingMemberIsNamed(_ name: String, _ word: String) throws {
        var members = try #require(
            try JSONSerialization.jsonObject(with: Data(file())) as? [String: Any])
        members[name] = nil
        let error = try #require(throws: EnrollmentError.self) {
            try IdentityFile(json: Array(JSONSerialization.data(withJSONObject: members)))
        }
        #expect(error.code == .identityInvalid)
        #expect(error.message.contains("'\(word)'"))
    }

    @Test func membersThatAreNotAsTheyShouldBeAreNamed() throws {
        let cases: [([String: Any?], [String: Any?], String)] = [
            (["ztAPI": 7], [:], "'ztAPI'"), (["ztAPI": "http://ctrl"], [:], "'ztAPI'"),
            (["ztAPIs": 7], [:], "'ztAPIs'"),
            (["id": "sub"], [:], "'id'"), ([:], ["key": 7], "'id.key'"), ([:], ["key": ""], "'id.key'"),
            ([:], ["cert": "pem:nothing"], "'id.cert'"), ([:], ["ca": "file:///ca.pem"], "'id.ca'"),
            ([:], ["cert": "pem:-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"], "'id.cert'"),
        ]
        for (changes, id, word) in cases {
            let error = try #require(throws: EnrollmentError.self) { try IdentityFile(json: file(changes, id: id)) }
            #expect(error.code == .identityInvalid)
            #expect(error.message.contains(word), "\(error.message)")
            #expect(error.group == .badInput)
        }
    }

    @Test func whatIsNoJSONIsRefusedWithoutRepeatingIt() throws {
        let whole = try file(id: ["key": "scheme:key?pin-value=topsecret"])
        for bytes in [[], Array("[]".utf8), Array("topsecret".utf8), Array(whole.dropLast(20)), [0xFF, 0xFE]] {
            let error = try #require(throws: EnrollmentError.self) { try IdentityFile(json: bytes) }
            #expect(error.code == .identityInvalid)
            #expect(!"\(error)".contains("topsecret"))
        }
    }

    @Test func aFileThatIsTooLongIsRefused() {
        #expect(throws: EnrollmentError(.identityInvalid, "")) {
            try IdentityFile(json: [UInt8](repeating: 0x20, count: IdentityFile.maximumLength + 1))
        }
    }

    @Test func aFileThatIsNotThereIsRefused() {
        #expect(throws: EnrollmentError(.identityInvalid, "")) { try IdentityFile(path: "/nowhere/at/all.json") }
    }

    @Test(arguments: [
        "pem:-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "-----BEGIN EC PRIVATE KEY-----",
    ])
    func aKeyInTheFileItselfIsNoReference(_ key: String) throws {
        let identity = try IdentityFile(json: file(id: ["key": key]))
        #expect(identity.holdsPrivateKey)
        #expect(throws: EnrollmentError(.identityInvalid, "")) { try identity.keyReference() }
    }

    @Test func aReferenceThatCannotBeReadIsRefused() throws {
        let identity = try IdentityFile(json: file(id: ["key": "/plain/path.pem"]))
        let error = try #require(throws: EnrollmentError.self) { try identity.keyReference() }
        #expect(error.code == .identityInvalid)
        #expect(error.hint.contains("scheme"))
    }

    @Test(arguments: ["file://PATH", "file:PATH", "FILE://localhostPATH", "PATH"])
    func certificatesThatTheFileNamesAreReadFromThere(_ form: String) throws {
        let folder = TemporaryFolder()
        try Data("subject=someone\n\(pem)".utf8).write(to: URL(filePath: folder.path("a 100% chain.pem")))
        let reference = form.replacing("PATH", with: folder.path("a 100% chain.pem"))
        try Data(file(id: ["cert": reference])).write(to: URL(filePath: folder.path("identity.json")))
        let identity = try IdentityFile(path: folder.path("identity.json"))
        #expect(identity.certificates.count == 2)
        #expect(identity.certificateFiles == [folder.path("a 100% chain.pem")])
        #expect(identity.certificates == identity.authorities)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(identity.json())) as? [String: Any])
        let id = try #require(object["id"] as? [String: String])
        #expect(id["cert"] == id["ca"], "what is written holds them")
        #expect(id["cert"]?.hasPrefix("pem:-----BEGIN") == true)
    }

    @Test(arguments: [
        "file:///nowhere/at/all.pem", "/nowhere/at/all.pem", "relative.pem", "file:relative.pem", "file://other/x.pem",
    ])
    func certificatesThatAreNowhereAreNamed(_ reference: String) throws {
        let folder = TemporaryFolder()
        try Data(file(id: ["cert": reference])).write(to: URL(filePath: folder.path("identity.json")))
        let error = try #require(throws: EnrollmentError.self) {
            try IdentityFile(path: folder.path("identity.json"))
        }
        #expect(error.code == .identityInvalid)
        #expect(error.message.contains("'id.cert'"))
        #expect(error.message.contains("/nowhere/at/all.pem") == reference.contains("nowhere"))
    }

    @Test func filesOfCertificatesAreOpenedOnlyWithTheIdentityFileAndOnlyIfTheyAreOnes() async throws {
        let folder = TemporaryFolder()
        try Data(pem.utf8).write(to: URL(filePath: folder.path("chain.pem")))
        let bytes = try file(id: ["ca": folder.path("chain.pem")])
        let error = try #require(throws: EnrollmentError.self) { try IdentityFile(json: bytes) }
        #expect(error.message.contains("not opened here"))
        try Data(bytes).write(to: URL(filePath: folder.path("identity.json")))
        // Whoever may write that file says whom the identity trusts.
        for (mode, isWarned) in [(0o644, false), (0o664, true)] as [(mode_t, Bool)] {
            chmod(folder.path("chain.pem"), mode)
            let identity = try IdentityFile(path: folder.path("identity.json"))
            let findings = await IdentityCheck(identity, path: folder.path("identity.json")).findings()
            #expect(findings.contains { $0.text.contains("can be written by others") } == isWarned)
        }
        for contents in ["text", "\(pem)-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"] {
            try Data(contents.utf8).write(to: URL(filePath: folder.path("chain.pem")))
            let error = try #require(throws: EnrollmentError.self) {
                try IdentityFile(path: folder.path("identity.json"))
            }
            #expect(error.message.contains("chain.pem' in 'id.ca'"))
        }
        let device = try file(id: ["ca": "/dev/zero"])
        try Data(device).write(to: URL(filePath: folder.path("identity.json")))
        let other = try #require(throws: EnrollmentError.self) { try IdentityFile(path: folder.path("identity.json")) }
        #expect(other.message.contains("no regular file"))
    }

    @Test func aReferenceWithSpacesIsReadAsTheSDKsWriteIt() throws {
        let identity = try IdentityFile(json: file(id: ["key": "scheme:///my keys/one.pem"]))
        #expect(try identity.keyReference().text == "scheme:///my%20keys/one.pem")
    }

    @Test func neitherDescriptionNorDumpShowsTheKey() throws {
        let identity = try IdentityFile(json: file(id: ["key": "scheme:key?pin-value=topsecret"]))
        var dumped = ""
        dump(identity, to: &dumped)
        for text in ["\(identity)", String(reflecting: identity), dumped] { #expect(!text.contains("topsecret")) }
    }

    @Test(arguments: ["pem:", ""])
    func whatIsReadIsWrittenInTheSameForm(_ prefix: String) throws {
        let address = prefix.isEmpty ? "https://ctrl:1280" : "https://ctrl:1280/edge/client/v1"
        let bytes = try file(["ztAPI": address], prefix: prefix)
        let written = try IdentityFile(json: bytes).json()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? [String: Any])
        #expect(object["ztAPI"] as? String == address)
        let id = try #require(object["id"] as? [String: String])
        #expect(id["cert"]?.hasPrefix(prefix + "-----BEGIN") == true)
        #expect(id["ca"]?.hasPrefix(prefix + "-----BEGIN") == true)
        #expect(Set(object.keys) == ["ztAPI", "ztAPIs", "id"], "nothing is added")
    }

    @Test func membersOfOtherProgramsAreKept() throws {
        let theirs: [String: Any] = [
            "list": [1, -2.5, "x", true, NSNull()], "deep": ["a": ["b": [:]]], "big": 1 << 60,
        ]
        let bytes = try file(
            ["theirs": theirs, "enableHa": true], id: ["server_cert": "pem:y", "alt_server_certs": [[:]]])
        let written = try IdentityFile(json: bytes).json()
        let before = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let after = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? [String: Any])
        #expect(after["theirs"] as? NSDictionary == before["theirs"] as? NSDictionary)
        #expect(after["enableHa"] as? Bool == true)
        let id = try #require(after["id"] as? [String: Any])
        #expect(id["server_cert"] as? String == "pem:y")
        #expect((id["alt_server_certs"] as? [Any])?.count == 1)
    }

    @Test func membersThatAreNestedTooDeeplyAreRefused() throws {
        let depth = 100_000
        let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        var text = String(decoding: try file(), as: UTF8.self)
        text.replace("\"id\":", with: "\"deep\":\(nest),\"id\":", maxReplacements: 1)
        #expect(throws: EnrollmentError(.identityInvalid, "")) { try IdentityFile(json: Array(text.utf8)) }
    }
}
