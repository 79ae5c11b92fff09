import CP11Kit
import Glibc

/// SoftHSM's functions for making tokens. A failure ends the test process: nothing can be tested without.
struct SoftHSMModule: @unchecked Sendable {
    // Lives as long as the process.
    private let functions: UnsafeMutablePointer<CK_FUNCTION_LIST>

    init(_ path: String) {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL), let symbol = dlsym(library, "C_GetFunctionList") else {
            fatalError("\(path) cannot be loaded (apt-get install softhsm2): \(String(cString: dlerror()))")
        }
        typealias GetFunctionList =
            @convention(c) (
                UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?
            ) -> CK_RV
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        Self.check(unsafeBitCast(symbol, to: GetFunctionList.self)(&list), "C_GetFunctionList")
        functions = list!
        var arguments = CK_C_INITIALIZE_ARGS()
        arguments.flags = CKF_OS_LOCKING_OK
        Self.check(functions.pointee.C_Initialize(&arguments), "C_Initialize")
    }

    /// Initialises the empty token that SoftHSM always has one of, and returns its slot.
    func makeToken(label: String, securityOfficerPIN: String) -> CK_SLOT_ID {
        var count: CK_ULONG = 0
        Self.check(functions.pointee.C_GetSlotList(1, nil, &count), "C_GetSlotList")
        var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
        Self.check(functions.pointee.C_GetSlotList(1, &slots, &count), "C_GetSlotList")
        let empty = slots.first { info($0).flags & CKF_TOKEN_INITIALIZED == 0 }
        guard let empty else { fatalError("SoftHSM has no empty slot") }
        initialise(empty, label, securityOfficerPIN)
        return empty
    }

    /// Gives a token its label and user PIN anew, and returns its serial number.
    func initialise(_ slot: CK_SLOT_ID, label: String, securityOfficerPIN: String, pin: String?) -> String {
        initialise(slot, label, securityOfficerPIN)
        if let pin { setPIN(slot, securityOfficerPIN, pin) }
        return withUnsafeBytes(of: info(slot).serialNumber) { String(decoding: $0, as: UTF8.self) }
    }

    private func initialise(_ slot: CK_SLOT_ID, _ label: String, _ securityOfficerPIN: String) {
        // What a test before has left open would be in the way.
        Self.check(functions.pointee.C_CloseAllSessions(slot), "C_CloseAllSessions")
        var padded = Array(label.utf8.prefix(32))
        padded += [UInt8](repeating: 0x20, count: 32 - padded.count)
        var officer = Array(securityOfficerPIN.utf8)
        Self.check(
            functions.pointee.C_InitToken(slot, &officer, CK_ULONG(officer.count), &padded), "C_InitToken")
    }

    private func setPIN(_ slot: CK_SLOT_ID, _ securityOfficerPIN: String, _ pin: String) {
        var session: CK_SESSION_HANDLE = 0
        Self.check(
            functions.pointee.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nil, nil, &session),
            "C_OpenSession")
        var officer = Array(securityOfficerPIN.utf8)
        Self.check(
            functions.pointee.C_Login(session, CK_USER_TYPE(CKU_SO), &officer, CK_ULONG(officer.count)), "C_Login")
        var user = Array(pin.utf8)
        Self.check(functions.pointee.C_InitPIN(session, &user, CK_ULONG(user.count)), "C_InitPIN")
        Self.check(functions.pointee.C_Logout(session), "C_Logout")
        Self.check(functions.pointee.C_CloseSession(session), "C_CloseSession")
    }

    private func info(_ slot: CK_SLOT_ID) -> CK_TOKEN_INFO {
        var info = CK_TOKEN_INFO()
        Self.check(functions.pointee.C_GetTokenInfo(slot, &info), "C_GetTokenInfo")
        return info
    }

    private static func check(_ result: CK_RV, _ function: String) {
        if result != CKR_OK { fatalError("\(function) of SoftHSM returned 0x\(String(result, radix: 16))") }
    }
}
