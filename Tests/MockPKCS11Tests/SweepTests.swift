import Testing

/// Every function that the backend calls fails in every way, at the first, second and third call, once and from then on.
struct SweepTests {
    /// What the actions call, but for C_GetFunctionList, which is called when a module is loaded.
    static let functions = [
        "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo",
        "C_GetMechanismList", "C_OpenSession", "C_CloseSession", "C_GetSessionInfo", "C_Login", "C_FindObjectsInit",
        "C_FindObjects", "C_FindObjectsFinal", "C_GetAttributeValue", "C_SignInit", "C_Sign", "C_GenerateKeyPair",
        "C_DestroyObject", "C_GenerateRandom", "C_SetAttributeValue", "C_CreateObject", "C_DeriveKey", "C_DecryptInit",
        "C_Decrypt",
    ]

    @Test(arguments: functions)
    func noFailureOfAFunctionMisleadsHarmsOrLasts(function: String) throws {
        let sweep = Sweep(module: try MockModule())
        var problems: [String] = []
        for action in Sweep.Action.allCases {
            for result in action.isSweptWhole ? Sweep.results : Sweep.lossesAndRefusals {
                for number in action.isSweptWhole ? 1...3 : 1...2 {
                    for goesOn in [false, true] {
                        let fault = Sweep.Fault(function: function, result: result, number: number, goesOn: goesOn)
                        problems += try sweep.problems(action, fault)
                    }
                }
            }
        }
        #expect(problems.isEmpty, "\(problems.count):\n\(problems.prefix(30).joined(separator: "\n"))")
    }

    @Test func theSweepLeavesOutNoFunctionThatIsCalled() throws {
        let module = try MockModule()
        for action in Sweep.Action.allCases {
            let fault = Sweep.Fault(function: "C_Finalize", result: "CKR_OK", number: 9, goesOn: false)
            #expect(try Sweep(module: module).problems(action, fault) == [])
            let called = Set(module.log.compactMap { $0.split(separator: " ").first.map(String.init) })
            #expect(called.subtracting(Self.functions).subtracting(["C_GetFunctionList"]) == [])
        }
    }
}
