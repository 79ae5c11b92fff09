import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension TokenConnection {
    /// Logs the process in as the token's user, unless it is logged in or the token wants no login. Costs at most one try.
    func logIn(_ session: CK_SESSION_HANDLE, _ provider: PINProvider) throws(KeyStoreError) {
        guard slot.token?.needsLogin != false, gate.enter() else { return }
        do throws(KeyStoreError) {
            // Before a PIN is asked for, as a dead session is no reason for that.
            try demandOwnSession(session)
            let pin = try logInNow(session, provider)
            gate.leave(loggedIn: true, pin: pin)
        } catch {
            gate.leave(loggedIn: false, pin: nil)
            throw error.during("log in", of: (try? slot.uri().normalForm().text) ?? "")
        }
    }

    /// Throws unless a session is open, and on the token that is meant: a slot's number may have come to mean another one.
    private func demandOwnSession(_ session: CK_SESSION_HANDLE) throws(KeyStoreError) {
        var info = CK_SESSION_INFO()
        let result = module.cryptoki.getSessionInfo(session, &info)
        // Of a module that cannot be asked nothing is known.
        if result == CKR_FUNCTION_NOT_SUPPORTED { return }
        guard result == CKR_OK, info.slotID == slot.id else {
            throw KeyStoreError.pkcs11(CK_RV(CKR_SESSION_HANDLE_INVALID), "C_GetSessionInfo", during: "log in")
        }
    }

    /// Gives the PIN again for the operation that the session has begun, as keys with CKA_ALWAYS_AUTHENTICATE want it.
    ///
    /// That happens with each signature, and each question may be an exchange with the card. So the token is asked once, for
    /// the state of its PIN. An operation that is under way ends with its token and its session, and without one no module
    /// takes this PIN; so that neither is asked about when the PIN is there.
    func authenticateOperation(_ session: CK_SESSION_HANDLE, _ provider: PINProvider) throws(KeyStoreError) {
        let current = try demandTry(of: try Slot(askingAgain: slot), provider)
        _ = try send(session, CK_USER_TYPE(CKU_CONTEXT_SPECIFIC), .contextPIN, provider, current)
    }

    private func logInNow(
        _ session: CK_SESSION_HANDLE, _ provider: PINProvider
    ) throws(KeyStoreError) -> PINFingerprint? {
        try send(session, CK_USER_TYPE(CKU_USER), .pin, provider, try currentSlot(provider)) {
            () throws(KeyStoreError) in
            // A person may have taken their time, and another token be in the slot by now.
            _ = try currentSlot(provider)
            try demandOwnSession(session)
        }
    }

    /// The slot with the token's flags as they are now, after checking that they allow a try.
    private func currentSlot(_ provider: PINProvider) throws(KeyStoreError) -> Slot {
        try demandTry(of: try Slot(slot.module, slot.id), provider)
    }

    /// Throws unless the slot has the token that is meant, and its flags allow a try.
    private func demandTry(of current: Slot, _ provider: PINProvider) throws(KeyStoreError) -> Slot {
        guard let token = current.token else {
            throw KeyStoreError.pkcs11(CK_RV(CKR_TOKEN_NOT_PRESENT), "C_GetTokenInfo", during: "log in")
        }
        guard isFor(current) else {
            throw KeyStoreError(
                .identityChanged, "another token is in the slot; no PIN was sent to it", operation: "log in")
        }
        if token.flags & CKF_USER_PIN_LOCKED != 0 {
            throw KeyStoreError(
                .pinLocked, "the token accepts no PIN any more; its PIN must be unblocked", operation: "log in")
        }
        if token.flags & CKF_USER_PIN_TO_BE_CHANGED != 0, token.flags & CKF_USER_PIN_INITIALIZED != 0 {
            throw KeyStoreError(
                .policyRefused, "the token's PIN must be changed before it is used", operation: "log in")
        }
        if token.flags & CKF_USER_PIN_INITIALIZED == 0, token.flags & CKF_PROTECTED_AUTHENTICATION_PATH == 0 {
            throw KeyStoreError(
                .policyRefused, "no user PIN has been set on the token; its security officer must set one",
                operation: "log in")
        }
        if token.flags & CKF_USER_PIN_FINAL_TRY != 0, !provider.allowsLastTry {
            throw KeyStoreError(
                .pinLastTry, "a wrong PIN now would lock the token; no PIN was sent", operation: "log in", triesLeft: 1)
        }
        return current
    }

    /// `check` is run when the PIN is there, before it is sent.
    private func send(
        _ session: CK_SESSION_HANDLE, _ user: CK_USER_TYPE, _ kind: PINRequest.Kind, _ provider: PINProvider,
        _ slot: Slot, check: () throws(KeyStoreError) -> Void = {}
    ) throws(KeyStoreError) -> PINFingerprint? {
        if (slot.token?.flags ?? 0) & CKF_PROTECTED_AUTHENTICATION_PATH != 0 {
            let label = String(decoding: slot.token?.label ?? [], as: UTF8.self)
            provider.host.notice(.pinPadAwaited("Enter the PIN of '\(label)' on the device."))
            defer { provider.host.notice(.awaitedDone("The device has the PIN of '\(label)'.")) }
            _ = try checkLogin(slot.module.cryptoki.login(session, user, nil, 0))
            return nil
        }
        let pin = try provider.pin(for: slot, kind: kind)
        let fingerprint = try PINFingerprint(pin)
        guard !provider.rejected.contains(fingerprint, for: slot) else {
            throw KeyStoreError(
                .pinIncorrect, "the token has rejected this PIN before, and it was not sent again", operation: "log in")
        }
        try check()
        let result = pin.withBytes { bytes in
            // The function takes a pointer to what it might change, and by the standard does not.
            let pointer = UnsafeMutableRawPointer(mutating: bytes.baseAddress!).assumingMemoryBound(to: UInt8.self)
            return slot.module.cryptoki.login(session, user, pointer, CK_ULONG(bytes.count))
        }
        do {
            // A PIN that was not looked at is not known to be right.
            guard try checkLogin(result) else { return nil }
            provider.rejected.removeAll(of: CK_USER_TYPE(CKU_USER), for: slot)
            return fingerprint
        } catch {
            if error.code == .pinIncorrect || error.code == .pinLocked {
                provider.rejected.insert(fingerprint, for: slot)
            }
            throw error
        }
    }

    /// Whether the token has looked at the PIN; false where somebody else in the process had logged in.
    private func checkLogin(_ result: CK_RV) throws(KeyStoreError) -> Bool {
        guard result != CKR_OK, result != CKR_USER_ALREADY_LOGGED_IN else { return result == CKR_OK }
        var error = KeyStoreError.pkcs11(result, "C_Login", during: "log in")
        // Many tokens tell only by their flags how close to locking the try has brought them.
        if error.code == .pinIncorrect, let flags = try? Slot(askingAgain: slot).token?.flags {
            if flags & CKF_USER_PIN_LOCKED != 0 {
                error.message += "; it is locked now"
                error.triesLeft = 0
            } else if flags & CKF_USER_PIN_FINAL_TRY != 0 {
                error.message += "; one more wrong PIN locks it"
                error.triesLeft = 1
            } else if flags & CKF_USER_PIN_COUNT_LOW != 0 {
                error.message += "; few tries are left"
            }
        }
        throw error
    }
}
