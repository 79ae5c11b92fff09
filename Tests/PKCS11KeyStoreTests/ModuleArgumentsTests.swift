import Foundation
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import TemporaryFiles
import Testing

@testable import PKCS11KeyStore

/// Arguments for a module, with NSS softokn, which does nothing without.
struct ModuleArgumentsTests {
    private static let nss = ModuleFolders.all.map { "\($0)/libsoftokn3.so" }.first {
        FileManager.default.fileExists(atPath: $0)
    }

    private func open(
        _ uri: String, module: String? = nil, arguments: String?, pin: String? = nil
    ) throws -> PKCS11Backend {
        try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI(uri), module: module, moduleArguments: arguments),
            host: TestHost(pin: pin))
    }

    @Test func aModuleThatWantsArgumentsWorksByItsPath() throws {
        let folder = TemporaryFolder()
        let database = try folder.makeFolder("database")
        let pin = try folder.write("pin", "nss pin\n")
        try Tool.succeed(["certutil", "-N", "-d", "sql:\(database)", "-f", pin])
        let arguments = "configdir='sql:\(database)' certPrefix='' keyPrefix='' secmod='secmod.db' flags="
        let module = try #require(Self.nss, "libnss3 is not installed")

        #expect(
            try failure { try open("pkcs11:", module: module, arguments: nil) }.message.contains("module arguments"))
        let token = "pkcs11:token=NSS%20Certificate%20DB"
        let store = try open(token, module: module, arguments: arguments)
        defer { store.close() }
        let session = try store.openSession(SessionOptions(isWritable: true), host: TestHost(pin: "nss pin"))
        defer { session.close() }
        let key = try session.generateKey(.ecP256, at: try KeyStoreURI("\(token);object=made"))
        #expect(
            try opensslAccepts(
                try key.sign(message, .ecdsaP256SHA256), of: message, by: try key.publicKey(), .ecdsaP256SHA256))

        // The same arguments, or none said, are the module that is open; others would have no effect.
        try open("\(token)?module-path=\(module)", arguments: arguments).close()
        try open(token, module: module, arguments: nil).close()
        let error = try failure { try open(token, module: module, arguments: arguments + " ") }
        #expect(error.code == .busy)
    }

    @Test func aModuleThatTakesNoneSaysSo() throws {
        let copy = try SeparateSoftHSM().modulePath
        let error = try failure { try open("pkcs11:", module: copy, arguments: "configdir=/nowhere") }
        #expect(error.native?.name == "CKR_ARGUMENTS_BAD")
        #expect(error.message.contains("with these module arguments"))
    }

    @Test func argumentsForNobodyAreRefused() throws {
        _ = SoftHSM.shared
        #expect(try failure { try open("pkcs11:", arguments: "a") }.code == .invalidURI)
        #expect(
            try failure { try open("pkcs11:", module: SoftHSM.modulePath, arguments: "a\0b") }.code == .invalidData)
    }

    @Test func aModuleThatP11KitInitialisesHasItsArgumentsInItsFile() throws {
        let module = try Module(
            try ModuleLibrary.load(SoftHSM.modulePath), path: nil, name: "far", isConfigured: true, manager: .p11Kit)
        let error = try failure { try module.acquire(arguments: "a") }
        #expect(error.code == .unsupportedOperation)
        #expect(error.message.contains("x-init-reserved"))
    }
}
