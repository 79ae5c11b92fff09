import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore

/// Looks after a token while one function fails in one way, and says what is wrong with what comes of it.
struct AdministrationSweep {
    enum Action: CaseIterable {
        case initialise
        case setPIN
        case changeUserPIN
        case changeOfficerPIN
        case unblock
    }

    static let functions = [
        "C_GetSlotInfo", "C_GetTokenInfo", "C_OpenSession", "C_CloseSession", "C_Login", "C_Logout", "C_InitToken",
        "C_InitPIN", "C_SetPIN",
    ]
    static let results = [
        "CKR_HOST_MEMORY", "CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED", "CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED",
        "CKR_FUNCTION_CANCELED", "CKR_FUNCTION_NOT_SUPPORTED", "CKR_PIN_INCORRECT", "CKR_PIN_INVALID",
        "CKR_PIN_LEN_RANGE", "CKR_PIN_EXPIRED", "CKR_PIN_LOCKED", "CKR_SESSION_CLOSED", "CKR_SESSION_COUNT",
        "CKR_SESSION_EXISTS", "CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_READ_ONLY",
        "CKR_SESSION_READ_ONLY_EXISTS", "CKR_TOKEN_NOT_PRESENT", "CKR_TOKEN_WRITE_PROTECTED",
        "CKR_USER_ALREADY_LOGGED_IN", "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", "CKR_USER_NOT_LOGGED_IN",
        "CKR_USER_PIN_NOT_INITIALIZED", "CKR_PIN_TOO_WEAK", "0x80000001",
    ]

    let module: MockModule

    func problems(_ action: Action, _ function: String, _ result: String, after: Bool) throws -> [String] {
        let script = "\(after ? "after" : "on") \(function) 1 return \(result)"
        try module.run("reset\nserial \(TokenSerial.next())\n\(script)")
        let host = MockHost(
            others: [
                .securityOfficerPIN: "87654321", .newSecurityOfficerPIN: "11111111", .newPIN: "222222",
            ])
        var problems: [String] = []
        do {
            let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(module.uri())), host: host)
            defer { store.close() }
            // Before the module is finalised, which would hide it.
            defer { problems += remains(function, after) }
            try Self.perform(action, store, host)
        } catch {
            let takesPIN = ["C_Login", "C_InitToken", "C_InitPIN", "C_SetPIN"].contains(function)
            if error.code == .pinIncorrect, !(takesPIN && result.hasPrefix("CKR_PIN_")) { problems.append("\(error)") }
            if error.code == .pinLocked, !(takesPIN && result == "CKR_PIN_LOCKED") { problems.append("\(error)") }
            let others: [KeyStoreError.Code] = [.noSuchKey, .keyExists, .invalidURI, .invalidReply, .pinLastTry]
            if others.contains(error.code) { problems.append("\(error)") }
        }
        // What a token might count is sent once.
        for sending in ["C_InitToken", "C_InitPIN", "C_SetPIN"] where module.value(sending) > 1 {
            // Such a token has not looked at the PIN, and is given it after a login.
            if sending == "C_SetPIN", result == "CKR_USER_NOT_LOGGED_IN" { continue }
            problems.append("\(module.value(sending)) calls of \(sending)")
        }
        if module.value("C_Login") > 1 { problems.append("\(module.value("C_Login")) logins") }
        if module.value("wrong-pins") > 0 { problems.append("a wrong PIN was sent") }
        problems += module.violations
        return problems.map { "\(action), \(script): \($0)" }
    }

    /// The session that somebody worked in is closed, and with it the login, as far as the module lets it.
    private func remains(_ function: String, _ after: Bool) -> [String] {
        // Nobody knows the handle of a session that was opened and denied.
        if function == "C_CloseSession" || (after && function == "C_OpenSession") { return [] }
        return (module.value("sessions") > 0 ? ["a session is left open"] : [])
            + (module.value("login") != 0 ? ["somebody is left logged in"] : [])
    }

    static func perform(_ action: Action, _ store: PKCS11Backend, _ host: MockHost) throws(KeyStoreError) {
        switch action {
        case .initialise: _ = try store.initialiseToken(label: "new", host: host)
        case .setPIN: try store.setPIN(host: host)
        case .changeUserPIN: try store.changePIN(of: .user, host: host)
        case .changeOfficerPIN: try store.changePIN(of: .securityOfficer, host: host)
        case .unblock: try store.unblockPIN(host: host)
        }
    }
}
