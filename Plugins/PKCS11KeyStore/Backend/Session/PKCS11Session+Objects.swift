import CP11Kit
import KeyStoreCore

extension PKCS11Session {
    /// The handles of the objects that the template matches, with one search, each once.
    func find(_ template: consuming AttributeTemplate) throws(KeyStoreError) -> [CK_OBJECT_HANDLE] {
        var found: [CK_OBJECT_HANDLE] = []
        var seen: Set<CK_OBJECT_HANDLE> = []
        var template = template
        try beginSearch(&template)
        var block = [CK_OBJECT_HANDLE](repeating: 0, count: 16)
        var result: CK_RV = 0
        var isOvercounted = false
        // Blocks that have brought nothing new, one after the other.
        var barrenCount = 0
        while result == CKR_OK, found.count <= Self.maximumObjectCount {
            var count: CK_ULONG = 0
            result = cryptoki.findObjects(handle, &block, CK_ULONG(block.count), &count)
            guard result == CKR_OK, count > 0 else { break }
            isOvercounted = count > CK_ULONG(block.count)
            if isOvercounted { break }
            let given = found.count
            // Several modules in one give what they share more than once.
            for object in block.prefix(Int(count)) where seen.insert(object).inserted { found.append(object) }
            barrenCount = found.count == given ? barrenCount + 1 : 0
            if barrenCount > Self.maximumBarrenCount { break }
            // Listings ask for many at a time, look-ups for few.
            if block.count < 512 { block = [CK_OBJECT_HANDLE](repeating: 0, count: 512) }
        }
        let end = cryptoki.findObjectsFinal(handle)
        try Cryptoki.check(result, "C_FindObjects", during: "find objects")
        try Cryptoki.check(end, "C_FindObjectsFinal", during: "find objects")
        guard !isOvercounted else {
            throw KeyStoreError(
                .invalidReply, "the module gives more objects than there was room for", operation: "find objects")
        }
        guard barrenCount <= Self.maximumBarrenCount, found.count <= Self.maximumObjectCount else {
            throw KeyStoreError(.invalidReply, "the token lists objects without end", operation: "find objects")
        }
        return found
    }

    private func beginSearch(_ template: inout AttributeTemplate) throws(KeyStoreError) {
        var result = initSearch(&template)
        if result == CKR_OPERATION_ACTIVE {
            // An earlier operation failed in a way that left it open.
            try replaceSession()
            result = initSearch(&template)
        }
        try Cryptoki.check(result, "C_FindObjectsInit", during: "find objects")
    }

    private func initSearch(_ template: inout AttributeTemplate) -> CK_RV {
        template.withAttributes { attributes, count in
            connection.objects.looking { cryptoki.findObjectsInit(handle, attributes, count) }
        }
    }

    /// Reads objects, with one call each, and calls `body` with each until it answers false; then this answers false too.
    /// One that vanishes meanwhile is left out.
    @discardableResult
    func forEachRecord(
        of handles: [CK_OBJECT_HANDLE], _ body: (ObjectRecord) throws(KeyStoreError) -> Bool
    ) throws(KeyStoreError) -> Bool {
        let reader = ObjectRecord.makeReader()
        for object in handles {
            do {
                try reader.read(cryptoki, handle, object)
            } catch {
                if error.native?.number == Int64(CKR_OBJECT_HANDLE_INVALID) { continue }
                throw error
            }
            guard try body(try ObjectRecord(object, reader)) else { return false }
        }
        return true
    }

    /// Reads objects, with one call each. One that vanishes meanwhile is left out.
    func read(_ handles: [CK_OBJECT_HANDLE]) throws(KeyStoreError) -> [ObjectRecord] {
        var records: [ObjectRecord] = []
        records.reserveCapacity(handles.count)
        try forEachRecord(of: handles) { record throws(KeyStoreError) in
            records.append(record)
            return true
        }
        return records
    }

    /// Reads the objects of a class that have the id and label of the reference, where it gives them.
    func records(
        _ objectClass: CK_OBJECT_CLASS, id: [UInt8]?, label: [UInt8]?
    ) throws(KeyStoreError) -> [ObjectRecord] {
        var template = AttributeTemplate()
        template.add(CKA_CLASS, objectClass)
        if let id { template.add(CKA_ID, id) }
        if let label { template.add(CKA_LABEL, label) }
        return try read(try find(template))
    }

    /// The value of one attribute of one object; nil where it has none.
    func value(_ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE) throws(KeyStoreError) -> [UInt8]? {
        let reader = AttributeReader([(type, 4096)])
        try reader.read(cryptoki, handle, object)
        return reader.bytes(0)
    }

    /// Destroys an object.
    func destroy(_ object: CK_OBJECT_HANDLE, _ operation: String) throws(KeyStoreError) {
        try willChangeToken()
        let result = connection.objects.changing { cryptoki.destroyObject(handle, object) }
        try Cryptoki.check(result, "C_DestroyObject", during: operation)
    }

    private static let maximumObjectCount = 1_000_000
    private static let maximumBarrenCount = 64
}
