import CP11Kit
import KeyStoreCore

@testable import PKCS11KeyStore

/// What is true of every object, whatever its module answers. Ends the process where something is not.
enum AttributeProperties {
    private static let maximumObjectCount = 16

    static func hold(for bytes: [UInt8]) {
        let records = read(bytes, withReaderOf: { ObjectRecord.makeReader() })
        let reused = ObjectRecord.makeReader()
        fill(reused)
        let again = read(bytes, withReaderOf: { reused })
        demand(records.map(Contents.init) == again.map(Contents.init), "what is read depends on what was read before")
        for record in records { hold(for: record) }
        hold(for: KeyListing(records))
    }

    /// Reads objects until the script is over, and leaves out those that cannot be read.
    private static func read(_ bytes: [UInt8], withReaderOf reader: () -> AttributeReader) -> [ObjectRecord] {
        ScriptedModule.script = Script(bytes)
        ScriptedModule.callCount = 0
        var records: [ObjectRecord] = []
        for handle in 0..<CK_OBJECT_HANDLE(maximumObjectCount) where !ScriptedModule.script.isOver {
            let reader = reader()
            do throws(KeyStoreError) {
                try reader.read(ScriptedModule.cryptoki, 1, handle)
                records.append(try ObjectRecord(handle, reader))
            } catch {
                demand(!error.message.isEmpty && !error.operation.isEmpty, "an error says nothing: \(error)")
            }
        }
        return records
    }

    /// Leaves values in a reader's memory, as an object before would.
    private static func fill(_ reader: AttributeReader) {
        ScriptedModule.script = Script([0] + (0..<32).flatMap { _ in [9, 0x77] as [UInt8] })
        try? reader.read(ScriptedModule.cryptoki, 1, 99)
    }

    private static func hold(for record: ObjectRecord) {
        demand(record.id.count <= ObjectRecord.maximumIDLength, "an id is too long")
        demand(record.label.count <= ObjectRecord.maximumLabelLength, "a label is too long")
        do throws(KeyStoreError) {
            guard let key = try record.publicKey() else { return }
            demand(key.type == record.type, "a public key is of another type than its object")
            demand(try PublicKey(der: key.der) == key, "a public key reads as another one")
        } catch {
            demand([.invalidReply, .unsupportedMechanism].contains(error.code), "reading fails with \(error)")
        }
    }

    private static func hold(for listing: KeyListing) {
        var count = 0
        try? listing.forEach { entry throws(KeyStoreError) in
            count += 1
            demand(entry.record.isPrivateKey == entry.hasPrivateKey, "a key is listed as what it is not")
            return true
        }
        demand(count <= maximumObjectCount, "more keys are listed than there are objects")
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
