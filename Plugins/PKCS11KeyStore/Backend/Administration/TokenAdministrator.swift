import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// Makes one token ready, and looks after its PINs. A PIN that the token rejects is sent once; all that are needed are asked
/// for before the first is sent, with no lock held, as a person may be typing.
struct TokenAdministrator {
    let connection: TokenConnection
    let provider: PINProvider

    private var module: Module { connection.module }
    private var cryptoki: Cryptoki { connection.module.cryptoki }

    // MARK: Operations

    /// Initialises the token. Returns it as it is found again afterwards: its serial number is another one, perhaps its slot
    /// too.
    func initialise(label: String) throws(KeyStoreError) -> Slot {
        let padded = try Self.padded(label)
        let slot = try currentSlot()
        // A new token has no PIN yet, or one that its maker gave it: then it says that it must be changed. SoftHSM says so of
        // one that there is not, and beside it that it is locked.
        let flags = slot.token?.flags ?? 0
        let hasMakersPIN = flags & (CKF_SO_PIN_TO_BE_CHANGED | CKF_SO_PIN_LOCKED) == CKF_SO_PIN_TO_BE_CHANGED
        let isFirst = flags & CKF_TOKEN_INITIALIZED == 0 && !hasMakersPIN
        if let token = slot.token, !isFirst {
            try SecurityOfficer.demandTry(token, allowsLastTry: provider.allowsLastTry, changes: true)
        }
        if let token = slot.token, token.flags & CKF_WRITE_PROTECTED != 0 {
            throw KeyStoreError(.policyRefused, "the token is write protected")
        }
        let pin = try entry(isFirst ? .newSecurityOfficerPIN : .securityOfficerPIN, slot)
        let fingerprint = try unrejected(pin, Self.officer, slot)
        let serialsBefore = Set(try serials())
        try connection.withTokenAlone { () throws(KeyStoreError) in
            try demandSameToken(slot)
            let result = awaited(pin, slot) {
                var label = padded
                return pin.withPointer { cryptoki.initToken(slot.id, $0, $1, &label) }
            }
            if isFirst, Self.isAboutNewPIN(result) { throw Self.refusedNewPIN(result, "C_InitToken") }
            try check(result, "C_InitToken", Self.officer, fingerprint, slot)
        }
        provider.rejected.removeAll(of: Self.user, for: slot)
        provider.rejected.removeAll(of: Self.officer, for: slot)
        // Whoever comes next makes a connection to the new token.
        connection.forgetAll()
        return try find(labelled: PaddedText.trimmed(padded), serialsBefore, at: slot.id)
    }

    /// Sets the user PIN as the security officer.
    func setPIN() throws(KeyStoreError) {
        let slot = try currentSlot()
        let (officer, new) = (try officerEntry(slot), try entry(.newPIN, slot))
        try asOfficer(slot, officer) { session throws(KeyStoreError) in
            let result = awaited(new, slot) { new.withPointer { cryptoki.initPIN(session, $0, $1) } }
            try checkNew(result, "C_InitPIN")
        }
        provider.rejected.removeAll(of: Self.user, for: slot)
    }

    /// Sets a user PIN in place of a locked one.
    func unblockPIN() throws(KeyStoreError) {
        let slot = try currentSlot()
        if let flags = slot.token?.flags, flags & CKF_USER_PIN_LOCKED == 0 {
            provider.host.notice(
                .warning(
                    "The token does not say that its user PIN is locked; the new one takes its place all the same."))
        }
        try setPIN()
    }

    /// Changes the user's PIN, which works also when it has expired and is good for nothing else.
    ///
    /// Logs in first: tpm2-pkcs11 1.9 answers `CKR_OK` to a change that a wrong old PIN has made fail. Not where that may be
    /// refused, and where a person would have to type the PIN twice: the standard wants no login for this.
    func changeUserPIN() throws(KeyStoreError) {
        let slot = try currentSlot()
        try demandUserTry(slot)
        let old = try userEntry(slot)
        let fingerprint = try unrejected(old, Self.user, slot)
        let new = try entry(.newPIN, slot)
        let mustBeChanged = (slot.token?.flags ?? 0) & CKF_USER_PIN_TO_BE_CHANGED != 0
        try inSession(slot) { session throws(KeyStoreError) in
            func change() -> CK_RV {
                awaited(old, slot) {
                    old.withPointer { old, oldLength in
                        new.withPointer { cryptoki.setPIN(session, old, oldLength, $0, $1) }
                    }
                }
            }
            func changeLoggedIn() throws(KeyStoreError) -> CK_RV {
                let login = awaited(old, slot) { old.withPointer { cryptoki.login(session, Self.user, $0, $1) } }
                if login != CKR_PIN_EXPIRED { try checkLogin(login, Self.user, fingerprint, slot) }
                defer { _ = cryptoki.logout(session) }
                return change()
            }
            var result: CK_RV = CKR_USER_NOT_LOGGED_IN
            if mustBeChanged || hasPINPad(slot) { result = change() }
            // A token that says so has not looked at the PIN.
            if result == CKR_USER_NOT_LOGGED_IN { result = try changeLoggedIn() }
            try checkChange(result, Self.user, fingerprint, slot)
        }
        provider.rejected.removeAll(of: Self.user, for: slot)
    }

    /// Changes the security officer's PIN.
    func changeOfficerPIN() throws(KeyStoreError) {
        let slot = try currentSlot()
        let old = try officerEntry(slot, changes: true)
        let new = try entry(.newSecurityOfficerPIN, slot)
        try asOfficer(slot, old) { session throws(KeyStoreError) in
            let result = awaited(old, slot) {
                old.withPointer { old, oldLength in
                    new.withPointer { cryptoki.setPIN(session, old, oldLength, $0, $1) }
                }
            }
            try checkChange(result, Self.officer, nil, slot)
        }
        provider.rejected.removeAll(of: Self.officer, for: slot)
    }

    // MARK: Sessions

    /// A person may have taken their time to give the PINs, and another token be in the slot by now.
    private func demandSameToken(_ slot: Slot) throws(KeyStoreError) {
        let now = try Slot(slot.module, slot.id)
        guard now.hasSameToken(as: slot), now.token?.flags == slot.token?.flags else {
            throw KeyStoreError(
                .identityChanged,
                "the token in the slot is another one than before the PINs were given, or its PINs were tried meanwhile; "
                    + "nothing was sent to it")
        }
    }

    private func inSession(
        _ slot: Slot, _ body: (CK_SESSION_HANDLE) throws(KeyStoreError) -> Void
    ) throws(KeyStoreError) {
        try connection.withTokenAlone { () throws(KeyStoreError) in
            try demandSameToken(slot)
            let session = try module.openSession(on: slot.id, isWritable: true)
            defer { module.close(session) }
            try body(session)
        }
    }

    private func asOfficer(
        _ slot: Slot, _ pin: PINEntry, _ body: (CK_SESSION_HANDLE) throws(KeyStoreError) -> Void
    ) throws(KeyStoreError) {
        let fingerprint = try unrejected(pin, Self.officer, slot)
        try inSession(slot) { session throws(KeyStoreError) in
            let result = awaited(pin, slot) { pin.withPointer { cryptoki.login(session, Self.officer, $0, $1) } }
            try checkLogin(result, Self.officer, fingerprint, slot)
            // Nobody else in the process is to work as the security officer.
            defer { _ = cryptoki.logout(session) }
            try body(session)
        }
    }

    // MARK: PINs

    private func officerEntry(_ slot: Slot, changes: Bool = false) throws(KeyStoreError) -> PINEntry {
        if let token = slot.token {
            try SecurityOfficer.demandTry(token, allowsLastTry: provider.allowsLastTry, changes: changes)
        }
        return try entry(.securityOfficerPIN, slot)
    }

    private func entry(_ kind: PINRequest.Kind, _ slot: Slot) throws(KeyStoreError) -> PINEntry {
        if hasPINPad(slot) { return .onDevice }
        return .given(try provider.administrativePIN(for: slot, kind: kind))
    }

    private func userEntry(_ slot: Slot) throws(KeyStoreError) -> PINEntry {
        if hasPINPad(slot) { return .onDevice }
        return .given(try provider.pin(for: slot, kind: .pin))
    }

    private func hasPINPad(_ slot: Slot) -> Bool {
        (slot.token?.flags ?? 0) & CKF_PROTECTED_AUTHENTICATION_PATH != 0
    }

    /// The PIN's fingerprint; nil for one that is typed on the device. Throws for one that the token has rejected.
    private func unrejected(
        _ pin: PINEntry, _ user: CK_USER_TYPE, _ slot: Slot
    ) throws(KeyStoreError) -> PINFingerprint? {
        guard case .given(let pin) = pin else { return nil }
        let fingerprint = try PINFingerprint(pin)
        guard !provider.rejected.contains(fingerprint, of: user, for: slot) else {
            throw KeyStoreError(.pinIncorrect, "the token has rejected this PIN before, and it was not sent again")
        }
        return fingerprint
    }

    /// Makes a call for which a person may have to type on the device.
    private func awaited(_ pin: PINEntry, _ slot: Slot, _ call: () -> CK_RV) -> CK_RV {
        guard case .onDevice = pin else { return call() }
        let label = String(decoding: slot.token?.label ?? [], as: UTF8.self)
        provider.host.notice(.pinPadAwaited("Enter what '\(label)' asks for on the device."))
        defer { provider.host.notice(.awaitedDone("The device has what it asked for.")) }
        return call()
    }

    private func demandUserTry(_ slot: Slot) throws(KeyStoreError) {
        guard let flags = slot.token?.flags else { return }
        if flags & CKF_USER_PIN_LOCKED != 0 {
            throw KeyStoreError(
                .pinLocked, "the token accepts no PIN any more; its security officer must unblock it")
        }
        if flags & CKF_USER_PIN_INITIALIZED == 0, !hasPINPad(slot) {
            throw KeyStoreError(
                .policyRefused, "no user PIN has been set on the token; its security officer must set one")
        }
        if flags & CKF_USER_PIN_FINAL_TRY != 0, !provider.allowsLastTry {
            throw KeyStoreError(
                .pinLastTry, "a wrong PIN now would lock the token; no PIN was sent", triesLeft: 1)
        }
    }

    // MARK: Results

    private func checkLogin(
        _ result: CK_RV, _ user: CK_USER_TYPE, _ fingerprint: PINFingerprint?, _ slot: Slot
    ) throws(KeyStoreError) {
        switch result {
        case CKR_USER_ALREADY_LOGGED_IN, CKR_USER_ANOTHER_ALREADY_LOGGED_IN, CKR_SESSION_READ_ONLY_EXISTS:
            var error = KeyStoreError.pkcs11(result, "C_Login", during: "log in")
            error.code = .busy
            error.message =
                "another part of this program uses the token, or is logged in to it; it must log out and close its sessions "
                + "first"
            throw error
        case CKR_USER_TYPE_INVALID where user == Self.officer:
            var error = KeyStoreError.pkcs11(result, "C_Login", during: "log in")
            error.code = .unsupportedOperation
            error.message = "the token has no security officer"
            throw error
        default: try check(result, "C_Login", user, fingerprint, slot)
        }
    }

    /// The old PIN may be wrong, or the new one not good enough.
    private func checkChange(
        _ result: CK_RV, _ user: CK_USER_TYPE, _ fingerprint: PINFingerprint?, _ slot: Slot
    ) throws(KeyStoreError) {
        if Self.isAboutNewPIN(result) { throw Self.refusedNewPIN(result, "C_SetPIN") }
        try check(result, "C_SetPIN", user, fingerprint, slot)
    }

    private func checkNew(_ result: CK_RV, _ function: StaticString) throws(KeyStoreError) {
        if Self.isAboutNewPIN(result) { throw Self.refusedNewPIN(result, function) }
        try Cryptoki.check(result, function, during: "set PIN")
    }

    private static func isAboutNewPIN(_ result: CK_RV) -> Bool {
        [CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, pinTooWeak].contains(result)
    }

    private static func refusedNewPIN(_ result: CK_RV, _ function: StaticString) -> KeyStoreError {
        var error = KeyStoreError.pkcs11(result, function, during: "set PIN")
        error.code = .invalidData
        error.message = "the token does not take the new PIN, which is too short, too long or too simple for it"
        return error
    }

    private func check(
        _ result: CK_RV, _ function: StaticString, _ user: CK_USER_TYPE, _ fingerprint: PINFingerprint?, _ slot: Slot
    ) throws(KeyStoreError) {
        guard result != CKR_OK else { return }
        var error = KeyStoreError.pkcs11(result, function, during: "administer token")
        if result == CKR_SESSION_EXISTS {
            error.message = "a session is open on the token, in this program or another one; it must be closed first"
        }
        guard error.code == .pinIncorrect || error.code == .pinLocked else { throw error }
        if let fingerprint { provider.rejected.insert(fingerprint, of: user, for: slot) }
        guard error.code == .pinIncorrect else {
            if user == Self.officer { error.message = SecurityOfficer.locked }
            throw error
        }
        let flags = (try? Slot(module, slot.id))?.token?.flags
        throw user == Self.officer ? SecurityOfficer.rejection(error, flags) : Self.rejection(error, flags)
    }

    private static func rejection(_ error: KeyStoreError, _ flags: CK_FLAGS?) -> KeyStoreError {
        var error = error
        guard let flags else { return error }
        if flags & CKF_USER_PIN_LOCKED != 0 {
            error.message += "; it is locked now, and its security officer must unblock it"
            error.triesLeft = 0
        } else if flags & CKF_USER_PIN_FINAL_TRY != 0 {
            error.message += "; one more wrong PIN locks it"
            error.triesLeft = 1
        } else if flags & CKF_USER_PIN_COUNT_LOW != 0 {
            error.message += "; few tries are left"
        }
        return error
    }

    // MARK: The token

    /// The slot with the token's flags as they are now.
    private func currentSlot() throws(KeyStoreError) -> Slot {
        let known = connection.slot
        let current = try Slot(known.module, known.id)
        guard current.token != nil else {
            throw KeyStoreError(.tokenRemoved, "the token is not in its slot any more")
        }
        guard current.hasSameToken(as: known) else {
            throw KeyStoreError(.identityChanged, "another token is in the slot; no PIN was sent to it")
        }
        return current
    }

    private func serials() throws(KeyStoreError) -> [[UInt8]] {
        var serials: [[UInt8]] = []
        for id in try module.slots(withToken: true) {
            if let token = (try? Slot(module, id))?.token { serials.append(token.serial) }
        }
        return serials
    }

    private func find(
        labelled label: [UInt8], _ serialsBefore: Set<[UInt8]>, at id: CK_SLOT_ID
    ) throws(KeyStoreError) -> Slot {
        func isIt(_ slot: Slot) -> Bool { slot.token?.isInitialised == true && slot.token?.label == label }
        if let slot = try? Slot(module, id), isIt(slot) { return slot }
        var found: [Slot] = []
        for id in try module.slots(withToken: true) {
            if let slot = try? Slot(module, id), isIt(slot) { found.append(slot) }
        }
        let new = found.filter { !serialsBefore.contains($0.token?.serial ?? []) }
        if new.count == 1 { return new[0] }
        if found.count == 1 { return found[0] }
        if found.isEmpty, let slot = try? Slot(module, id), slot.token != nil {
            // NSS's databases have labels of their own, and count as initialised when they have a PIN.
            let name = String(decoding: slot.token?.label ?? [], as: UTF8.self)
            provider.host.notice(
                .warning("The token did not take the label that it was given; it is called '\(name)'."))
            return slot
        }
        throw KeyStoreError(
            .noSuchToken, "the token was initialised, and the module does not show it under its new label")
    }

    /// PKCS #11 2.40 §5.5: 32 bytes, padded with blanks.
    private static func padded(_ label: String) throws(KeyStoreError) -> [UInt8] {
        let bytes = Array(label.utf8)
        guard (1...labelLength).contains(bytes.count) else {
            throw KeyStoreError(
                .invalidData, "a token's label has 1 to \(labelLength) bytes, and this one has \(bytes.count)")
        }
        guard !PaddedText.trimmed(bytes).isEmpty, !bytes.contains(0) else {
            throw KeyStoreError(.invalidData, "a token's label has something in it to read, and no NUL byte")
        }
        return bytes + [UInt8](repeating: 0x20, count: labelLength - bytes.count)
    }

    private static let labelLength = 32
    private static let user = CK_USER_TYPE(CKU_USER)
    private static let officer = CK_USER_TYPE(CKU_SO)
    /// CKR_PIN_TOO_WEAK, of PKCS #11 3.0.
    private static let pinTooWeak: CK_RV = 0x1C3
}
