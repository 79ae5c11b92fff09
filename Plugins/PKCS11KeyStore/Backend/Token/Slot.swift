import CP11Kit
import KeyStoreCore

/// A slot and the token in it, as they were when the module was asked.
struct Slot: Sendable {
    /// What a token says of itself. Text is without padding; it should be UTF-8, and modules get that wrong.
    struct Token: Sendable, Equatable {
        let label: [UInt8]
        let manufacturer: [UInt8]
        let model: [UInt8]
        let serial: [UInt8]
        let flags: CK_FLAGS
        /// How long a new PIN may be, in bytes; nil where the token does not say.
        let pinLengths: ClosedRange<Int>?

        var isInitialised: Bool { flags & CKF_TOKEN_INITIALIZED != 0 }
        var needsLogin: Bool { flags & CKF_LOGIN_REQUIRED != 0 }
    }

    let module: Module
    let id: CK_SLOT_ID
    let slotDescription: [UInt8]
    let slotManufacturer: [UInt8]
    /// Whether it is a reader, with a token that comes and goes, and a number by its place among the readers.
    let isRemovable: Bool
    /// Nil where the slot is empty.
    let token: Token?
    /// How many sessions the token has.
    let sessionLimits: SessionLimits

    /// Asks the module about one slot.
    init(_ module: Module, _ id: CK_SLOT_ID) throws(KeyStoreError) {
        let (info, token, limits) = try module.asking { () throws(KeyStoreError) in
            var info = CK_SLOT_INFO()
            try Cryptoki.check(module.cryptoki.getSlotInfo(id, &info), "C_GetSlotInfo", during: "list tokens")
            let isEmpty = info.flags & CKF_TOKEN_PRESENT == 0
            let (token, limits) = isEmpty ? (nil, .none) : try Self.token(module, id)
            return (info, token, limits)
        }
        self.module = module
        self.id = id
        slotDescription = PaddedText.bytes(info.slotDescription)
        slotManufacturer = PaddedText.bytes(info.manufacturerID)
        isRemovable = info.flags & CKF_REMOVABLE_DEVICE != 0
        self.token = token
        sessionLimits = limits
    }

    /// Asks the module about the token alone, with one call, where the slot is known.
    init(askingAgain known: Slot) throws(KeyStoreError) {
        module = known.module
        id = known.id
        slotDescription = known.slotDescription
        slotManufacturer = known.slotManufacturer
        isRemovable = known.isRemovable
        (token, sessionLimits) = try known.module.asking { () throws(KeyStoreError) in
            try Self.token(known.module, known.id)
        }
    }

    /// Whether the same token is in this slot as in another one, or in the same one at another time.
    func hasSameToken(as other: Slot) -> Bool {
        token?.serial == other.token?.serial && token?.label == other.token?.label && token?.model == other.token?.model
    }

    private static func token(
        _ module: Module, _ id: CK_SLOT_ID
    ) throws(KeyStoreError) -> (Token?, SessionLimits) {
        var info = CK_TOKEN_INFO()
        let result = module.cryptoki.getTokenInfo(id, &info)
        if result == CKR_TOKEN_NOT_PRESENT || result == CKR_TOKEN_NOT_RECOGNIZED { return (nil, .none) }
        try Cryptoki.check(result, "C_GetTokenInfo", during: "list tokens")
        let token = Token(
            label: PaddedText.bytes(info.label), manufacturer: PaddedText.bytes(info.manufacturerID),
            model: PaddedText.bytes(info.model), serial: PaddedText.bytes(info.serialNumber), flags: info.flags,
            pinLengths: Self.pinLengths(info))
        return (token, SessionLimits(info))
    }

    /// Tokens that do not know write zero or the highest number, and some make up others.
    private static func pinLengths(_ info: CK_TOKEN_INFO) -> ClosedRange<Int>? {
        let (lowest, highest) = (info.ulMinPinLen, info.ulMaxPinLen)
        guard highest != 0, highest <= 1 << 20, lowest <= highest else { return nil }
        return Int(lowest)...Int(highest)
    }

    /// How the module and the token are known to deviate from the standard.
    func knownQuirks() throws(KeyStoreError) -> Quirks { try module.knownQuirks().union(.known(of: token)) }

    /// Whether the slot and its token are what the reference asks for. What it says of objects does not count.
    func matches(_ uri: PKCS11URI) throws(KeyStoreError) -> Bool {
        for (attribute, value) in uri.path where !attribute.describesObject {
            guard try self.value(of: attribute) == value else { return false }
        }
        return true
    }

    private func value(of attribute: PathAttribute) throws(KeyStoreError) -> [UInt8]? {
        switch attribute {
        case .token: token?.label
        case .manufacturer: token?.manufacturer
        case .model: token?.model
        case .serial: token?.serial
        case .libraryManufacturer: try module.library().manufacturer
        case .libraryDescription: try module.library().description
        case .libraryVersion: try module.library().version
        case .slotManufacturer: slotManufacturer
        case .slotDescription: slotDescription
        case .slotID: Array(String(id).utf8)
        case .id, .object, .type: nil
        }
    }
}
