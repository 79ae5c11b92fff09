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
        hold(forListing: records)
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

    /// Whatever its objects are, no key is told twice, and no private key is left out.
    private static func hold(forListing records: [ObjectRecord]) {
        let certificates = records.filter(\.isCertificate)
        for hasPrivateKeys in [true, false] {
            var listing = KeyListing(certificates: certificates, hasPrivateKeys: hasPrivateKeys)
            var told: [KeyListing.Entry] = []
            for record in records {
                if let entry = listing.add(record) { told.append(entry) }
            }
            try? listing.forEachRest { entry in
                told.append(entry)
                return true
            }
            let privateKeys = told.filter(\.hasPrivateKey)
            demand(privateKeys.allSatisfy(\.record.isPrivateKey), "a key is listed as what it is not")
            demand(
                privateKeys.map(\.record.handle).sorted() == records.filter(\.isPrivateKey).map(\.handle),
                "a private key is told twice or not at all")
            let others = Set(told.filter { !$0.hasPrivateKey }.map(\.record.handle))
            demand(others.count == told.count - privateKeys.count, "a public key is told twice")
            demand(
                others.isSubset(of: records.filter(\.isPublicKey).map(\.handle)), "a key is listed as what it is not")
        }
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
