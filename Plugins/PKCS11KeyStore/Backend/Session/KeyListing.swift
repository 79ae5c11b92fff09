import KeyStoreCore

/// Joins the objects of a token to keys: private key, public key and certificates with one id are one key.
struct KeyListing {
    private struct Group {
        var privateKeys: [ObjectRecord] = []
        var publicKeys: [ObjectRecord] = []
        var hasCertificate = false
    }

    /// Objects without an id belong together by their label.
    private struct GroupName: Hashable {
        let id: [UInt8]
        let labelWithoutID: [UInt8]
    }

    /// A key, and the object that stands for it.
    struct Entry {
        let record: ObjectRecord
        let publicKey: PublicKey?
        let hasPrivateKey: Bool
        let hasCertificate: Bool
    }

    private var groups: [Group] = []
    private var indices: [GroupName: Int] = [:]

    init(_ records: [ObjectRecord]) {
        for record in records where record.isPrivateKey || record.isPublicKey || record.isCertificate { add(record) }
    }

    private mutating func add(_ record: ObjectRecord) {
        let name = GroupName(id: record.id, labelWithoutID: record.id.isEmpty ? record.label : [])
        let index: Int
        if let present = indices[name] {
            index = present
        } else {
            index = groups.count
            indices[name] = index
            groups.append(Group())
        }
        if record.isPrivateKey {
            groups[index].privateKeys.append(record)
        } else if record.isPublicKey {
            groups[index].publicKeys.append(record)
        } else {
            groups[index].hasCertificate = true
        }
    }

    /// Calls `body` with each key, in the order in which the token gave the first object of each, until it answers false.
    func forEach(_ body: (Entry) throws(KeyStoreError) -> Bool) throws(KeyStoreError) {
        for group in groups {
            for record in group.privateKeys {
                let entry = Entry(
                    record: record, publicKey: Self.publicKey(of: record, in: group), hasPrivateKey: true,
                    hasCertificate: group.hasCertificate)
                guard try body(entry) else { return }
            }
            // Of a key whose private part is hidden or gone. One that belongs to a private key was told with it.
            for record in group.publicKeys where !group.privateKeys.contains(where: { $0.keyType == record.keyType }) {
                let entry = Entry(
                    record: record, publicKey: try? record.publicKey(), hasPrivateKey: false,
                    hasCertificate: group.hasCertificate)
                guard try body(entry) else { return }
            }
        }
    }

    /// A malformed public key must not hide the other keys: it is left out, and asking for it says what is wrong.
    private static func publicKey(of record: ObjectRecord, in group: Group) -> PublicKey? {
        if let key = try? record.publicKey() { return key }
        var candidates = group.publicKeys.filter { $0.type == record.type }
        if candidates.count > 1 { candidates = candidates.filter { $0.label == record.label } }
        return candidates.count == 1 ? try? candidates[0].publicKey() : nil
    }
}
