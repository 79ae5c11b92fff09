import CP11Kit

/// Objects and their attributes.
extension Cryptoki {
    func findObjectsInit(
        _ session: CK_SESSION_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG
    ) -> CK_RV {
        call(
            "C_FindObjectsInit", { required.findObjectsInit(session, template, count) },
            arguments: {
                $0.add("session", session)
                $0.add("template", template, count)
            })
    }

    func findObjects(
        _ session: CK_SESSION_HANDLE, _ objects: UnsafeMutablePointer<CK_OBJECT_HANDLE>, _ room: CK_ULONG,
        _ count: UnsafeMutablePointer<CK_ULONG>
    ) -> CK_RV {
        call(
            "C_FindObjects", { required.findObjects(session, objects, room, count) },
            arguments: {
                $0.add("session", session)
                $0.add("room", room)
            },
            results: {
                $0.add("count", count.pointee)
                $0.add("objects", objects, min(count.pointee, room))
            })
    }

    func findObjectsFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
        call("C_FindObjectsFinal", { required.findObjectsFinal(session) }, arguments: { $0.add("session", session) })
    }

    func getAttributeValue(
        _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?,
        _ count: CK_ULONG
    ) -> CK_RV {
        // What a module writes as a length is not to be believed.
        var room: [CK_ULONG] = []
        return call(
            "C_GetAttributeValue", { required.getAttributeValue(session, object, template, count) },
            arguments: {
                $0.add("session", session)
                $0.add("object", object)
                $0.add("room", roomIn: template, count)
                if let template { room = (0..<Int(count)).map { template[$0].ulValueLen } }
            },
            results: {
                $0.add("template", template, count, room: room)
            },
            hasResults: {
                [CKR_OK, CKR_BUFFER_TOO_SMALL, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE].contains($0)
            })
    }

    func setAttributeValue(
        _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?,
        _ count: CK_ULONG
    ) -> CK_RV {
        guard let function = list.pointee.C_SetAttributeValue else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_SetAttributeValue", { function(session, object, template, count) },
            arguments: {
                $0.add("session", session)
                $0.add("object", object)
                $0.add("template", template, count)
            })
    }

    func createObject(
        _ session: CK_SESSION_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG,
        _ object: UnsafeMutablePointer<CK_OBJECT_HANDLE>
    ) -> CK_RV {
        guard let function = list.pointee.C_CreateObject else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_CreateObject", { function(session, template, count, object) },
            arguments: {
                $0.add("session", session)
                $0.add("template", template, count)
            },
            results: {
                $0.add("object", object.pointee)
            })
    }

    func copyObject(
        _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?,
        _ count: CK_ULONG, _ copy: UnsafeMutablePointer<CK_OBJECT_HANDLE>
    ) -> CK_RV {
        guard let function = list.pointee.C_CopyObject else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_CopyObject", { function(session, object, template, count, copy) },
            arguments: {
                $0.add("session", session)
                $0.add("object", object)
                $0.add("template", template, count)
            },
            results: {
                $0.add("copy", copy.pointee)
            })
    }

    func destroyObject(_ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE) -> CK_RV {
        guard let function = list.pointee.C_DestroyObject else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_DestroyObject", { function(session, object) },
            arguments: {
                $0.add("session", session)
                $0.add("object", object)
            })
    }
}
