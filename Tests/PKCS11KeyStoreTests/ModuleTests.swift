import CP11Kit
import Foundation
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Which module is loaded, and what is not one.
struct ModuleTests {
    private func open(_ uri: String, module: String? = nil, host: TestHost = TestHost()) throws -> PKCS11Backend {
        _ = SoftHSM.shared
        return try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(uri), module: module), host: host)
    }

    @Test func aMissingModuleIsNoSuchBackend() throws {
        let error = try failure { try open("pkcs11:?module-path=/nowhere/libx.so") }
        #expect(error.code == .noSuchBackend)
        #expect(error.message.contains("/nowhere/libx.so"))
        #expect(error.native?.name == "ENOENT")
        #expect(try failure { try open("pkcs11:", module: "/nowhere/libx.so") }.code == .noSuchBackend)
        #expect(try failure { try open("pkcs11:", module: "no such name") }.code == .noSuchBackend)
    }

    @Test func aFileThatIsNoLibraryIsIncompatibleInTheLoadersWords() throws {
        let path = try Tool.file(Array("no library".utf8))
        let error = try failure { try open("pkcs11:?module-path=\(path)") }
        #expect(error.code == .incompatibleBackend)
        #expect(error.message.contains(path) && error.message.contains("file too short"), "\(error.message)")
    }

    @Test func aLibraryThatIsNoModuleIsIncompatible() throws {
        let libraries = ModuleFolders.all.map { "\($0)/libcrypto.so.3" }
        let path = try #require(libraries.first { FileManager.default.fileExists(atPath: $0) })
        let error = try failure { try open("pkcs11:?module-path=\(path)") }
        #expect(error.code == .incompatibleBackend)
        #expect(error.message.contains("C_GetFunctionList"))
    }

    @Test func aModuleWithoutANeededFunctionIsIncompatibleByName() throws {
        var list = try ModuleLibrary.load(SoftHSM.modulePath).pointee
        list.C_FindObjectsFinal = nil
        let error = try failure { try withUnsafeMutablePointer(to: &list) { try Cryptoki($0, of: "m") } }
        #expect(error.code == .incompatibleBackend)
        #expect(error.message.contains("C_FindObjectsFinal"))
    }

    @Test func aModuleOfTheFirstVersionIsIncompatible() throws {
        var list = try ModuleLibrary.load(SoftHSM.modulePath).pointee
        list.version.major = 1
        let error = try failure { try withUnsafeMutablePointer(to: &list) { try Cryptoki($0, of: "m") } }
        #expect(error.code == .incompatibleBackend)
    }

    @Test func aFunctionThatOnlySomeOperationsNeedIsMissedByThem() throws {
        var list = try ModuleLibrary.load(SoftHSM.modulePath).pointee
        list.C_CreateObject = nil
        list.C_DestroyObject = nil
        try withUnsafeMutablePointer(to: &list) { pointer in
            let cryptoki = try Cryptoki(pointer, of: "m")
            var object: CK_OBJECT_HANDLE = 0
            #expect(cryptoki.createObject(1, nil, 0, &object) == CKR_FUNCTION_NOT_SUPPORTED)
            let result = cryptoki.destroyObject(1, 1)
            let error = try failure { try Cryptoki.check(result, "C_DestroyObject", during: "delete key") }
            #expect(error.code == .unsupportedOperation)
        }
    }

    @Test func theHostIsAskedBeforeAnyCodeIsLoaded() throws {
        let copy = try SeparateSoftHSM().modulePath
        let uris = ["pkcs11:?module-path=\(copy)", "pkcs11://\(copy)?id=01"]
        for uri in uris {
            #expect(try failure { try open(uri, host: TestHost(refusesLibraries: true)) }.code == .untrustedLibrary)
        }
        #expect(
            try failure { try open("pkcs11:", module: copy, host: TestHost(refusesLibraries: true)) }.code
                == .untrustedLibrary)
        #expect(dlopen(copy, RTLD_NOW | RTLD_NOLOAD) == nil)
        for uri in ["pkcs11:", "pkcs11:?module-name=softhsm2", "pkcs11:softhsm2?id=01"] {
            #expect(try failure { try open(uri, host: TestHost(refusesLibraries: true)) }.code == .untrustedLibrary)
        }
    }

    @Test func theOptionOutranksTheReferencesModule() throws {
        let host = TestHost()
        let store = try open("pkcs11:?module-path=/nowhere/libx.so", module: SoftHSM.modulePath, host: host)
        store.close()
        #expect(host.libraries.map(\.origin) == [.option])
    }

    @Test func aModulesPathsAreOneModule() throws {
        let token = SoftHSM.shared.makeToken()
        let real = try ModuleLibrary.realPath(SoftHSM.modulePath)
        #expect(real != SoftHSM.modulePath)
        let stores = try [real, SoftHSM.modulePath].map {
            try open("pkcs11:serial=\(token.serial)?module-path=\($0)", host: TestHost())
        }
        defer { for store in stores { store.close() } }
        let first = try stores[0].openSession(SessionOptions(login: .atOnce), host: TestHost(pin: token.pin))
        defer { first.close() }
        let host = TestHost()
        try stores[1].openSession(SessionOptions(login: .atOnce), host: host).close()
        #expect(host.requests.isEmpty)
    }

    @Test(arguments: ["softhsm2", "p11-kit-client"])
    func aModuleIsFoundByItsName(name: String) throws {
        let host = TestHost()
        try open("pkcs11:?module-name=\(name)", host: host).close()
        try open("pkcs11:", module: name, host: host).close()
        #expect(host.libraries.contains { $0.path.contains(name) })
    }

    @Test func anUnknownNameSaysWhereItWasLookedFor() throws {
        let error = try failure { try open("pkcs11:?module-name=nobody") }
        #expect(error.code == .noSuchBackend)
        #expect(error.message.contains("softhsm2") && error.message.contains("libnobody.so"))
    }

    @Test func withoutAModuleTheConfiguredOnesAreSearched() throws {
        let token = SoftHSM.shared.makeToken()
        let host = TestHost(pin: token.pin)
        let store = try open("pkcs11:serial=\(token.serial)", host: host)
        defer { store.close() }
        #expect(host.libraries.allSatisfy { $0.origin == .system })
        let session = try store.openSession(SessionOptions(isWritable: true, login: .atOnce), host: host)
        defer { session.close() }
        let key = try session.generateKey(.ecP256, at: try KeyStoreURI("pkcs11:object=found"))
        #expect(!key.info.uri.text.contains("module-path"))
        #expect(
            try opensslAccepts(
                try key.sign(message, .ecdsaP256SHA256), of: message, by: try key.publicKey(), .ecdsaP256SHA256))
    }

    @Test func moduleFilesAreReadAsP11KitReadsThem() throws {
        let folders = try (0..<2).map { _ in
            let folder = SoftHSM.shared.folder + "/" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return folder
        }
        func write(_ text: String, _ folder: Int, _ name: String) throws {
            try text.write(toFile: "\(folders[folder])/\(name)", atomically: true, encoding: .utf8)
        }
        try write("# comment\nmodule: /first.so\n", 0, "a.module")
        try write("module:\(SoftHSM.modulePath)  \n", 1, "a.module")
        try write("remote: |ssh host p11-kit remote m\n", 0, "b.module")
        try write("module: p11-kit-trust.so\n", 0, "c.module")
        try write("module: /ignored.so\n", 0, "d.conf")
        let configuration = ModuleConfiguration(folders: folders + ["/nowhere"])
        #expect(configuration.entries.map(\.name) == ["a", "b", "c"])
        #expect(configuration.entries.map(\.path).prefix(2) == [SoftHSM.modulePath, nil])
        #expect(configuration.entries[2].path?.hasSuffix("/pkcs11/p11-kit-trust.so") == true)
        #expect(configuration.contains(try ModuleLibrary.realPath(SoftHSM.modulePath)))
        #expect(!configuration.contains("/first.so"))
    }

    @Test func whatNeverComesBackIsNotWaitedFor() {
        let (gate, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let value = TimeLimit.run(milliseconds: 1) {
            gate.wait()
            return 1
        } late: { _ in
            done.signal()
        }
        #expect(value == nil)
        gate.signal()
        #expect(done.wait(timeout: .now() + 60) == .success)
        #expect(TimeLimit.run(milliseconds: 60_000, { 2 }, late: { _ in }) == 2)
    }

    @Test func whatAModuleWritesToTheStandardErrorIsThrownAway() throws {
        func target() -> String? { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/2") }
        let before = target()
        #expect(StandardError.silenced { target() } == "/dev/null")
        #expect(target() == before)
    }
}
