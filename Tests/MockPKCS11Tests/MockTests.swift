import CP11Kit
import ChildProcess
import Foundation
import TemporaryFiles
import Testing

/// The mock itself: what misbehaves on command must be right otherwise.
struct MockTests {
    /// The repository, from this file's place in it.
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "MockPKCS11").path()

    private func build(_ compiler: String, _ output: String) async throws -> ProgramOutcome {
        let sources = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".c") }
        let include = try await Program.system("pkg-config", ["--cflags", "p11-kit-1"]).run().outputText
        return try await Program.system(
            compiler,
            [
                "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
            ] + include.split(whereSeparator: \.isWhitespace).map(String.init)
                + (sources + ["Check/check.c", "Check/random.c"]).map { Self.folder + "/" + $0 } + [
                    "-o", output, "-lcrypto", "-lpthread",
                ]
        ).run()
    }

    @Test func theMockDoesNothingUndefinedWhateverItIsTold() async throws {
        let folder = TemporaryFolder()
        let built = try await build("clang", folder.path("check"))
        try #require(built.status == 0, "\(built)")
        let outcome = try await Program(folder.path("check")).run()
        #expect(outcome.status == 0 && outcome.outputText == "sound\n", "\(outcome)")
    }

    @Test func aScriptThatIsWrongSaysWhere() throws {
        let module = try MockModule()
        for line in [
            "nonsense", "on C_Nothing 1 hang", "on C_Sign 0 hang", "on C_Sign 1 nonsense", "die CKR_NOTHING", "tries",
            "key P-257", "key P-256 colour=red", "label %zz", "slots 65", "slot 2", "attribute private CKA_ID hex 0",
        ] {
            #expect(throws: MockModule.ScriptError.self, "\(line)") { try module.run(line) }
        }
        try module.run("# nothing\n\n  tries 5   # five\n")
        #expect(module.value("tries") == 5)
    }

    @Test func aFileCommandsTheModuleOfAnotherProcess() async throws {
        let folder = TemporaryFolder()
        try folder.write("script", "label scripted\n")
        var tool = try Program.system(
            "pkcs11-tool", ["--module", "\(BuildFolder.path)/libMockPKCS11.so", "--list-token-slots"])
        tool.environment["MOCK_PKCS11_SCRIPT"] = folder.path("script")
        tool.environment["MOCK_PKCS11_LOG"] = folder.path("log")
        let first = try await tool.run()
        #expect(first.outputText.contains("scripted"), "\(first)")
        let log = String(decoding: try folder.read("log"), as: UTF8.self)
        #expect(log.contains("C_Initialize CKR_OK\n") && log.contains("C_GetTokenInfo CKR_OK\n"), "\(log)")
        try folder.write("script", "on C_GetSlotList 1+ return CKR_DEVICE_ERROR\n")
        let second = try await tool.run()
        #expect(second.status != 0 && second.errorText.contains("CKR_DEVICE_ERROR"), "\(second)")
        // Half a script is none.
        try folder.write("script", "label halfway\nnonsense\n")
        let third = try await tool.run()
        #expect(third.status != 0 && !third.outputText.contains("halfway"), "\(third)")
    }

    @Test(arguments: ["interface none", "interface 3.0"])
    func openSCsToolSignsWithAKeyOfTheMock(interface: String) async throws {
        let folder = TemporaryFolder()
        try folder.write("data", "data")
        try folder.write("script", "\(interface)\nkey Ed25519 label=second id=02 seed=2\n")
        var tool = try Program.system(
            "pkcs11-tool",
            [
                "--module", "\(BuildFolder.path)/libMockPKCS11.so", "--login", "--pin", "123456", "--sign",
                "--mechanism",
                "ECDSA-SHA256", "--id", "01", "--input-file", folder.path("data"), "--output-file",
                folder.path("signature"), "--signature-format", "openssl",
            ])
        tool.environment["MOCK_PKCS11_SCRIPT"] = folder.path("script")
        tool.environment["MOCK_PKCS11_LOG"] = folder.path("log")
        let signed = try await tool.run()
        #expect(signed.status == 0, "\(signed)")
        let log = String(decoding: try folder.read("log"), as: UTF8.self)
        #expect(log.contains("C_GetInterface CKR_OK\n") == (interface != "interface none"), "\(log)")
        tool.arguments = [
            "--module", "\(BuildFolder.path)/libMockPKCS11.so", "--read-object", "--type", "pubkey", "--id", "01",
            "--output-file", folder.path("public"),
        ]
        let read = try await tool.run()
        #expect(read.status == 0, "\(read)")
        let verified = try await Program.system(
            "openssl",
            [
                "dgst", "-sha256", "-keyform", "DER", "-verify", folder.path("public"), "-signature",
                folder.path("signature"), folder.path("data"),
            ]
        ).run()
        #expect(verified.outputText.contains("Verified OK"), "\(verified)")
    }
}
