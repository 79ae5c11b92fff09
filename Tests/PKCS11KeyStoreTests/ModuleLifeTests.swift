import CP11Kit
import Foundation
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Synchronization
import Testing
import Threads

@testable import PKCS11KeyStore

/// How modules begin and end, and who may call them at once.
@Suite(.serialized)
struct ModuleLifeTests {
    @Test func aModuleThatCannotLockIsCalledByOneThreadAtATime() async throws {
        let module = try SingleThreadedModule.make()
        try module.acquire()
        defer { module.release() }
        await RealThreads.run(8) { _ in
            for _ in 0..<200 {
                var info = CK_INFO()
                _ = module.cryptoki.getInfo(&info)
            }
        }
        let record = SingleThreadedModule.record.withLock { $0 }
        // Never without arguments first: in some modules that decides for the life of the process.
        #expect(record.initialisations == [CKF_OS_LOCKING_OK, nil])
        #expect(record.callCount == 1600)
        #expect(record.overlapCount == 0)
    }

    @Test func callsOfAModuleThatLocksItselfOverlap() async throws {
        // The counterpart, without which the test above would prove nothing.
        let module = try SingleThreadedModule.make()
        await RealThreads.run(8) { _ in
            for _ in 0..<2000 {
                var info = CK_INFO()
                _ = module.cryptoki.getInfo(&info)
            }
        }
        #expect(SingleThreadedModule.record.withLock { $0.overlapCount } > 0)
    }

    @Test func aModuleThatSomebodyElseInitialisedIsLeftInitialised() throws {
        // The test process's own use of SoftHSM came first.
        let token = SoftHSM.shared.makeToken()
        let functions = try ModuleLibrary.load(SoftHSM.modulePath).pointee
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(token.uri)), host: TestHost())
        store.close()
        var info = CK_INFO()
        #expect(functions.C_GetInfo(&info) == CKR_OK)
    }

    @Test func aModuleThatAStoreInitialisedEndsWithTheLastStore() throws {
        let module = try SeparateSoftHSM()
        let stores = try (0..<2).map { _ in
            try module.open("pkcs11:?module-path=\(module.modulePath)", host: TestHost())
        }
        let functions = try ModuleLibrary.load(module.modulePath).pointee
        var info = CK_INFO()
        stores[0].close()
        #expect(functions.C_GetInfo(&info) == CKR_OK)
        stores[1].close()
        #expect(functions.C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED)
        let again = try module.open("pkcs11:?module-path=\(module.modulePath)", host: TestHost())
        #expect(functions.C_GetInfo(&info) == CKR_OK)
        again.close()
    }

    @Test func p11KitCountsItsUsers() throws {
        _ = SoftHSM.shared
        let store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI("pkcs11:?module-name=softhsm2")), host: TestHost())
        let loaded = try #require(try P11KitModules.load(limitMilliseconds: 60_000).first { $0.name == "softhsm2" })
        // Another part of the program that uses p11-kit.
        #expect(p11_kit_module_initialize(loaded.list) == CKR_OK)
        store.close()
        var info = CK_INFO()
        #expect(loaded.list.pointee.C_GetInfo(&info) == CKR_OK)
        #expect(p11_kit_module_finalize(loaded.list) == CKR_OK)
    }
}
