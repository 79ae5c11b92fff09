import CP11Kit

/// The module as a whole, its slots and its tokens.
extension Cryptoki {
    func initialize(_ arguments: UnsafeMutableRawPointer?) -> CK_RV {
        call(
            "C_Initialize", { required.initialize(arguments) },
            arguments: {
                guard let arguments else { return $0.add("arguments", "NULL") }
                let flags = arguments.assumingMemoryBound(to: CK_C_INITIALIZE_ARGS.self).pointee.flags
                $0.add("flags", flags, FlagNames.initialisation)
            })
    }

    /// Initialises a module of p11-kit's, which knows its arguments and counts its users.
    func initializeByP11Kit() -> CK_RV {
        call("p11_kit_module_initialize", { p11_kit_module_initialize(list) })
    }

    func finalize() -> CK_RV {
        call("C_Finalize", { required.finalize(nil) })
    }

    /// Finalises a module of p11-kit's for one of its users.
    func finalizeByP11Kit() -> CK_RV {
        call("p11_kit_module_finalize", { p11_kit_module_finalize(list) })
    }

    func getInfo(_ info: UnsafeMutablePointer<CK_INFO>) -> CK_RV {
        call(
            "C_GetInfo", { required.getInfo(info) },
            results: {
                let info = info.pointee
                $0.add("cryptoki", info.cryptokiVersion)
                $0.add("manufacturer", padded: info.manufacturerID)
                $0.add("library", padded: info.libraryDescription)
                $0.add("version", info.libraryVersion)
            })
    }

    func getSlotList(
        _ withToken: CK_BBOOL, _ slots: UnsafeMutablePointer<CK_SLOT_ID>?, _ count: UnsafeMutablePointer<CK_ULONG>
    ) -> CK_RV {
        let capacity = count.pointee
        return call(
            "C_GetSlotList", { required.getSlotList(withToken, slots, count) },
            arguments: {
                $0.add("with token", withToken != 0 ? "yes" : "no")
                if slots != nil { $0.add("room", capacity) }
            },
            results: {
                $0.add("count", count.pointee)
                if let slots { $0.add("slots", slots, min(count.pointee, capacity)) }
            })
    }

    func getSlotInfo(_ slot: CK_SLOT_ID, _ info: UnsafeMutablePointer<CK_SLOT_INFO>) -> CK_RV {
        call(
            "C_GetSlotInfo", { required.getSlotInfo(slot, info) }, arguments: { $0.add("slot", slot) },
            results: {
                let info = info.pointee
                $0.add("description", padded: info.slotDescription)
                $0.add("manufacturer", padded: info.manufacturerID)
                $0.add("flags", info.flags, FlagNames.slot)
            })
    }

    func getTokenInfo(_ slot: CK_SLOT_ID, _ info: UnsafeMutablePointer<CK_TOKEN_INFO>) -> CK_RV {
        call(
            "C_GetTokenInfo", { required.getTokenInfo(slot, info) }, arguments: { $0.add("slot", slot) },
            results: {
                let info = info.pointee
                $0.add("label", padded: info.label)
                $0.add("manufacturer", padded: info.manufacturerID)
                $0.add("model", padded: info.model)
                $0.add("serial", padded: info.serialNumber)
                $0.add("flags", info.flags, FlagNames.token)
                $0.add("PIN length", "\(info.ulMinPinLen) to \(info.ulMaxPinLen)")
                $0.add("hardware", info.hardwareVersion)
                $0.add("firmware", info.firmwareVersion)
            })
    }

    /// Answers at once with a slot where something has happened, or `CKR_NO_EVENT`. It is never waited in the module: no other
    /// call can end that.
    func takeSlotEvent(_ slot: UnsafeMutablePointer<CK_SLOT_ID>) -> CK_RV {
        guard let function = list.pointee.C_WaitForSlotEvent else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_WaitForSlotEvent", { function(CK_FLAGS(CKF_DONT_BLOCK), slot, nil) },
            arguments: {
                $0.add("flags", "CKF_DONT_BLOCK")
            },
            results: {
                $0.add("slot", slot.pointee)
            })
    }

    func getMechanismList(
        _ slot: CK_SLOT_ID, _ list: UnsafeMutablePointer<CK_MECHANISM_TYPE>?, _ count: UnsafeMutablePointer<CK_ULONG>
    ) -> CK_RV {
        let capacity = count.pointee
        return call(
            "C_GetMechanismList", { required.getMechanismList(slot, list, count) },
            arguments: {
                $0.add("slot", slot)
                if list != nil { $0.add("room", capacity) }
            },
            results: {
                $0.add("count", count.pointee)
                if let list { $0.add("mechanisms", mechanisms: list, min(count.pointee, capacity)) }
            })
    }

    func getMechanismInfo(
        _ slot: CK_SLOT_ID, _ mechanism: CK_MECHANISM_TYPE, _ info: UnsafeMutablePointer<CK_MECHANISM_INFO>
    ) -> CK_RV {
        guard let function = list.pointee.C_GetMechanismInfo else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_GetMechanismInfo", { function(slot, mechanism, info) },
            arguments: {
                $0.add("slot", slot)
                $0.add("mechanism", MechanismName.of(mechanism))
            },
            results: {
                $0.add("key size", "\(info.pointee.ulMinKeySize) to \(info.pointee.ulMaxKeySize)")
                $0.add("flags", info.pointee.flags, FlagNames.mechanism)
            })
    }

    /// `label` points to 32 bytes, padded with blanks.
    func initToken(
        _ slot: CK_SLOT_ID, _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG,
        _ label: UnsafeMutablePointer<UInt8>
    ) -> CK_RV {
        guard let function = list.pointee.C_InitToken else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_InitToken", { function(slot, pin, length, label) },
            arguments: {
                $0.add("slot", slot)
                $0.add("PIN", secret: pin)
                $0.add("label", text: Array(UnsafeBufferPointer(start: label, count: 32)))
            })
    }
}
