import CP11Kit

/// Sessions and logins.
extension Cryptoki {
    func openSession(
        _ slot: CK_SLOT_ID, _ flags: CK_FLAGS, _ session: UnsafeMutablePointer<CK_SESSION_HANDLE>
    ) -> CK_RV {
        call(
            "C_OpenSession", { required.openSession(slot, flags, nil, nil, session) },
            arguments: {
                $0.add("slot", slot)
                $0.add("flags", flags, FlagNames.session)
            },
            results: {
                $0.add("session", session.pointee)
            })
    }

    func closeSession(_ session: CK_SESSION_HANDLE) -> CK_RV {
        call("C_CloseSession", { required.closeSession(session) }, arguments: { $0.add("session", session) })
    }

    func closeAllSessions(_ slot: CK_SLOT_ID) -> CK_RV {
        guard let function = list.pointee.C_CloseAllSessions else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call("C_CloseAllSessions", { function(slot) }, arguments: { $0.add("slot", slot) })
    }

    func getSessionInfo(_ session: CK_SESSION_HANDLE, _ info: UnsafeMutablePointer<CK_SESSION_INFO>) -> CK_RV {
        guard let function = list.pointee.C_GetSessionInfo else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_GetSessionInfo", { function(session, info) }, arguments: { $0.add("session", session) },
            results: {
                $0.add("slot", info.pointee.slotID)
                $0.add("state", SessionStateName.of(info.pointee.state))
                $0.add("flags", info.pointee.flags, FlagNames.session)
                $0.add("device error", info.pointee.ulDeviceError)
            })
    }

    func login(
        _ session: CK_SESSION_HANDLE, _ user: CK_USER_TYPE, _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG
    ) -> CK_RV {
        call(
            "C_Login", { required.login(session, user, pin, length) },
            arguments: {
                $0.add("session", session)
                $0.add("user", UserTypeName.of(user))
                $0.add("PIN", secret: pin)
            })
    }

    func logout(_ session: CK_SESSION_HANDLE) -> CK_RV {
        guard let function = list.pointee.C_Logout else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call("C_Logout", { function(session) }, arguments: { $0.add("session", session) })
    }

    func initPIN(_ session: CK_SESSION_HANDLE, _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG) -> CK_RV {
        guard let function = list.pointee.C_InitPIN else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_InitPIN", { function(session, pin, length) },
            arguments: {
                $0.add("session", session)
                $0.add("PIN", secret: pin)
            })
    }

    func setPIN(
        _ session: CK_SESSION_HANDLE, _ old: UnsafeMutablePointer<UInt8>?, _ oldLength: CK_ULONG,
        _ new: UnsafeMutablePointer<UInt8>?, _ newLength: CK_ULONG
    ) -> CK_RV {
        guard let function = list.pointee.C_SetPIN else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_SetPIN", { function(session, old, oldLength, new, newLength) },
            arguments: {
                $0.add("session", session)
                $0.add("old PIN", secret: old)
                $0.add("new PIN", secret: new)
            })
    }

    func generateRandom(_ session: CK_SESSION_HANDLE, _ bytes: UnsafeMutablePointer<UInt8>, _ count: CK_ULONG) -> CK_RV
    {
        guard let function = list.pointee.C_GenerateRandom else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_GenerateRandom", { function(session, bytes, count) },
            arguments: {
                $0.add("session", session)
                $0.add("bytes", bytes: count)
            })
    }
}
