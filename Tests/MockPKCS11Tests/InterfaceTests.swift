import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// What a module's lists of functions may look like.
struct InterfaceTests {
    private func openFails(_ script: String) throws -> KeyStoreError {
        let module = try MockModule(script)
        return try failure { try OpenMock(module) }
    }

    @Test(
        arguments: [
            "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo",
            "C_GetMechanismList", "C_OpenSession", "C_CloseSession", "C_Login", "C_FindObjectsInit", "C_FindObjects",
            "C_FindObjectsFinal", "C_GetAttributeValue", "C_SignInit", "C_Sign",
        ])
    func aModuleWithoutWhatNothingWorksWithoutIsRefusedByName(function: String) throws {
        let error = try openFails("lack \(function)")
        #expect(error.code == .incompatibleBackend)
        #expect(error.message.contains(function))
    }

    @Test func aModuleWithTheFewestFunctionsSigns() throws {
        let needed =
            "C_Initialize C_Finalize C_GetInfo C_GetSlotList C_GetSlotInfo C_GetTokenInfo C_GetMechanismList "
            + "C_OpenSession C_CloseSession C_Login C_FindObjectsInit C_FindObjects C_FindObjectsFinal "
            + "C_GetAttributeValue C_SignInit C_Sign"
        let open = try OpenMock(script: "lack *\nhave \(needed)")
        #expect(try open.key().signsValidly())
        #expect(try open.list().count == 1)
        #expect(
            try failure { try open.session.generateKey(.ecP256, at: try open.uri("object=new")) }.code
                == .unsupportedOperation)
    }

    @Test(arguments: ["1.0", "0.0", "1.255"])
    func aModuleOfAnEarlierVersionIsRefused(version: String) throws {
        #expect(try openFails("version \(version)").code == .incompatibleBackend)
    }

    @Test(arguments: ["2.1", "2.20", "2.40", "3.0", "3.1"])
    func modulesOfAllVersionsInUseSign(version: String) throws {
        let open = try OpenMock(script: "version \(version)")
        #expect(try open.key().signsValidly())
    }

    @Test(arguments: ["null-list on", "on C_GetFunctionList 1+ return CKR_GENERAL_ERROR"])
    func aModuleWithoutAListIsRefused(script: String) throws {
        #expect(try openFails(script).code == .incompatibleBackend)
    }

    @Test func aModuleThatSomebodyElseInitialisedIsLeftInitialised() throws {
        let module = try MockModule("initialised on")
        do {
            let open = try OpenMock(module)
            #expect(try open.key().signsValidly())
        }
        #expect(module.value("C_Finalize") == 0)
        #expect(module.value("initialised") == 1)
        // What would have ended with the module is ended all the same.
        #expect(module.value("sessions") == 0 && module.value("login") == 0)
        #expect(module.violations == [])
    }

    @Test func aModuleIsEndedOnceWhenItsLastStoreCloses() throws {
        let module = try MockModule()
        do {
            let (one, other) = (try OpenMock(module), try OpenMock(module))
            #expect(try one.key().signsValidly())
            #expect(try other.key().signsValidly())
        }
        #expect(module.value("C_Initialize") == 1)
        #expect(module.value("C_Finalize") == 1)
        #expect(module.violations == [])
    }
}
