import CP11Kit
import KeyStoreCore
import SoftHSMTokens
import Synchronization

@testable import PKCS11KeyStore

/// A function list that answers what SoftHSM never does about a token's PIN. It has one slot and no keys; sessions and
/// everything else are not imitated.
enum AlteredModule {
    /// What the token says, and what was sent to it.
    final class Script: Sendable {
        struct Login: Equatable {
            let user: CK_USER_TYPE
            /// Nil for a login by the device's own pad.
            let pin: [UInt8]?
        }

        struct Call: Equatable {
            let function: String
            let pins: [[UInt8]?]
        }

        let flags: CK_FLAGS
        let flagsAfterLogin: CK_FLAGS
        let loginResult: CK_RV
        let isPresent: Mutex<Bool>
        let serial: Mutex<UInt8>
        let logins = Mutex<[Login]>([])
        /// What was sent to the other functions that take PINs: the function, and each PIN; nil for the device's own pad.
        let administration = Mutex<[Call]>([])
        /// What they answer.
        let administrationResult: CK_RV

        init(
            flags: CK_FLAGS, flagsAfterLogin: CK_FLAGS? = nil, loginResult: CK_RV = 0, needsLogin: Bool = true,
            administrationResult: CK_RV = 0
        ) {
            self.administrationResult = administrationResult
            let always = CKF_TOKEN_INITIALIZED | (needsLogin ? CKF_LOGIN_REQUIRED : 0)
            self.flags = always | flags
            self.flagsAfterLogin = always | (flagsAfterLogin ?? flags)
            self.loginResult = loginResult
            isPresent = Mutex(true)
            serial = Mutex(UInt8(ascii: "1"))
        }
    }

    /// C functions capture nothing, so that they find the script here.
    @TaskLocal static var script = Script(flags: 0)

    /// A connection to the scripted token.
    static func connection() throws -> TokenConnection {
        // Lives as long as the process, as a module does.
        let list = UnsafeMutablePointer<CK_FUNCTION_LIST>.allocate(capacity: 1)
        list.initialize(to: try ModuleLibrary.load(SoftHSM.modulePath).pointee)
        list.pointee.C_GetSlotInfo = { _, info in
            info!.pointee = CK_SLOT_INFO()
            info!.pointee.flags = AlteredModule.script.isPresent.withLock { $0 } ? CKF_TOKEN_PRESENT : 0
            return 0
        }
        list.pointee.C_GetTokenInfo = { _, info in
            let script = AlteredModule.script
            info!.pointee = CK_TOKEN_INFO()
            info!.pointee.serialNumber.0 = script.serial.withLock { $0 }
            info!.pointee.flags = script.logins.withLock { $0.isEmpty } ? script.flags : script.flagsAfterLogin
            return 0
        }
        list.pointee.C_Login = { _, user, pin, count in
            let script = AlteredModule.script
            let sent = pin.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) }
            script.logins.withLock { $0.append(Script.Login(user: user, pin: sent)) }
            return script.loginResult
        }
        // Every session is open.
        list.pointee.C_GetSessionInfo = { _, info in
            info!.pointee = CK_SESSION_INFO()
            info!.pointee.slotID = 1
            return 0
        }
        alterAdministration(of: list)
        let module = try Module(list, path: nil, name: "altered", isConfigured: true, manager: .own)
        return TokenConnection(try Slot(module, 1))
    }

    private static func alterAdministration(of list: UnsafeMutablePointer<CK_FUNCTION_LIST>) {
        list.pointee.C_OpenSession = { _, _, _, _, session in
            session!.pointee = 1
            return 0
        }
        list.pointee.C_CloseSession = { _ in 0 }
        list.pointee.C_Logout = { _ in
            AlteredModule.note("C_Logout", [])
            return 0
        }
        list.pointee.C_InitToken = { _, pin, count, _ in AlteredModule.note("C_InitToken", [(pin, count)]) }
        list.pointee.C_InitPIN = { _, pin, count in AlteredModule.note("C_InitPIN", [(pin, count)]) }
        list.pointee.C_SetPIN = { _, old, oldCount, new, newCount in
            AlteredModule.note("C_SetPIN", [(old, oldCount), (new, newCount)])
        }
    }

    @discardableResult
    private static func note(_ function: String, _ pins: [(UnsafeMutablePointer<UInt8>?, CK_ULONG)]) -> CK_RV {
        let sent = pins.map { pin, count in pin.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) } }
        script.administration.withLock { $0.append(Script.Call(function: function, pins: sent)) }
        return script.administrationResult
    }
}
