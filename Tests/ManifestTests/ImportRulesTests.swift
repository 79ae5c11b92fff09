import Testing

/// The rules refuse what is made up here to break them, and nothing else.
struct ImportRulesTests {
    private static let targets: [Manifest.Target] = [
        .init(name: "CKeyStore", type: "system"), .init(name: "KeyStoreCore", type: "regular"),
        .init(name: "KeyStoreBridge", type: "regular"), .init(name: "KeyStorePlugin", type: "regular"),
        .init(name: "KeyStoreLoader", type: "regular"), .init(name: "KeyStoreVerification", type: "regular"),
        .init(name: "KeyStoreTLS", type: "regular"), .init(name: "KeyStoreTesting", type: "regular"),
        .init(name: "ZitiEnrollment", type: "regular"), .init(name: "ziti-keystore", type: "executable"),
        .init(name: "LibCrypto", type: "regular", path: "Plugins/LibCrypto"),
        .init(name: "CLibCrypto", type: "system", path: "Plugins/CLibCrypto"),
        .init(name: "AStore", type: "regular", path: "Plugins/AStore/Backend"),
        .init(name: "AStorePlugin", type: "regular", path: "Plugins/AStore/Entry"),
        .init(name: "BStore", type: "regular", path: "Plugins/BStore/Backend"),
        .init(name: "DevelopmentController", type: "regular", path: "Tests/DevelopmentController"),
        .init(name: "NewTarget", type: "regular"), .init(name: "KeyStoreCoreTests", type: "test"),
    ]
    private let rules = ImportRules(targets: targets)

    private func objection(_ user: String, _ used: String) -> String? {
        rules.objection(to: used, by: Self.targets.first { $0.name == user }!)
    }

    @Test(arguments: [
        ("KeyStoreCore", "KeyStorePlugin"), ("KeyStoreCore", "CKeyStore"), ("KeyStoreCore", "FoundationEssentials"),
        ("KeyStoreCore", "Foundation"), ("KeyStoreCore", "Crypto"), ("KeyStoreLoader", "KeyStorePlugin"),
        ("KeyStorePlugin", "KeyStoreLoader"), ("KeyStoreTLS", "KeyStoreBridge"), ("KeyStoreTLS", "CKeyStore"),
        ("ZitiEnrollment", "KeyStoreLoader"), ("ZitiEnrollment", "KeyStorePlugin"), ("ZitiEnrollment", "AStore"),
        ("ZitiEnrollment", "Foundation"), ("ziti-keystore", "AStore"), ("ziti-keystore", "AStorePlugin"),
        ("ziti-keystore", "LibCrypto"), ("ziti-keystore", "DevelopmentController"), ("AStore", "BStore"),
        ("AStorePlugin", "BStore"), ("AStore", "KeyStoreLoader"), ("AStore", "KeyStoreBridge"),
        ("AStore", "KeyStoreTesting"), ("AStore", "Foundation"), ("KeyStoreTesting", "DevelopmentController"),
        ("LibCrypto", "AStore"), ("NewTarget", "KeyStoreCore"), ("DevelopmentController", "Foundation"),
        ("KeyStoreVerification", "KeyStoreTLS"), ("KeyStoreTesting", "KeyStoreLoader"),
    ])
    func aForbiddenEdgeIsRefused(_ user: String, _ used: String) {
        #expect(objection(user, used) != nil)
        let module = used.replacing("-", with: "_")
        let target = Self.targets.first { $0.name == user }!
        for line in [
            "import \(module)", "public import \(module)", "@testable import \(module)", "import struct \(module).X",
        ] {
            #expect(!rules.objections(toSource: "// first\n\(line)\nlet a = 1", of: target).isEmpty, "\(line)")
        }
        var changed = Self.targets
        let index = changed.firstIndex { $0.name == user }!
        changed[index].dependencies.append(.init(name: used))
        #expect(ImportRules(targets: changed).objectionsToManifest().count == 1)
    }

    @Test(arguments: [
        ("KeyStoreCore", "Synchronization"), ("KeyStoreLoader", "KeyStoreBridge"), ("KeyStoreTLS", "NIOSSL"),
        ("ZitiEnrollment", "KeyStoreTLS"), ("ZitiEnrollment", "FoundationEssentials"), ("AStore", "CLibCrypto"),
        ("AStorePlugin", "AStore"), ("AStore", "LibCrypto"), ("AStorePlugin", "CKeyStore"), ("LibCrypto", "CLibCrypto"),
        ("ziti-keystore", "KeyStoreLoader"), ("KeyStoreCoreTests", "KeyStoreLoader"),
        ("KeyStoreCoreTests", "Foundation"),
        ("DevelopmentController", "Crypto"), ("KeyStoreTesting", "KeyStorePlugin"),
    ])
    func anAllowedEdgeIsNot(_ user: String, _ used: String) {
        #expect(objection(user, used) == nil)
    }

    @Test func aProductOfAnotherPackageIsRefusedToTheCore() {
        var changed = Self.targets
        changed[1].dependencies.append(.init(name: "Crypto", package: "swift-crypto"))
        #expect(ImportRules(targets: changed).objectionsToManifest().count == 1)
    }

    @Test func importsAreReadWhateverStandsBeforeThem() {
        let source = Source(
            """
            // import Comment
            import A
            @testable import B
            @preconcurrency public import C
            internal import D.E
            import struct F.G
                import Indented
            let text = "import H"
            """)
        #expect(source.imports == ["A", "B", "C", "D", "F", "Indented"])
    }

    @Test func aSchemeInALiteralIsSeenAndOneInACommentIsNot() {
        let source = Source(
            #"""
            let a = "x:/b"
            if scheme == "x" {}
            /// An example: "x:/b".
            let help = """
                Use "x:/b".
                """
            let b = "x-ray", c = "axe:"
            """ + "x:"
            print("ziti-keystore list x:/b", "x:")
            let c = "y:x"
            """#)
        #expect(source.lines(naming: ["x"]) == [1, 2])
        #expect(source.lines(naming: ["z"]).isEmpty)
    }
}
