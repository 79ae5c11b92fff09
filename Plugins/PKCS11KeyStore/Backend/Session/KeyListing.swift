import CP11Kit
import KeyStoreCore

/// Joins the objects of a token to keys while they are read: private key, public key and certificates with one id are one
/// key. A key is told as soon as it is complete, and what is kept of it then is its name.
struct KeyListing {
    /// A key, and the object that stands for it.
    struct Entry {
        let record: ObjectRecord
        let publicKey: PublicKey?
        let hasPrivateKey: Bool
        let hasCertificate: Bool
    }

    /// The objects of one name that wait for others, and the private keys that were told.
    private struct Group {
        var privateKeys: [ObjectRecord] = []
        var publicKeys: [ObjectRecord] = []
        var told: [Told] = []
        var hasCertificate = false
    }

    /// A private key that was told.
    private struct Told {
        let keyType: CK_KEY_TYPE?
        /// The label of its public half, if that was not read before. It says nothing new.
        var awaitedLabel: [UInt8]?
    }

    private var groups: [Group] = []
    private var indices: [KeyName: Int] = [:]
    private let hasPrivateKeys: Bool

    /// `certificates` are all that there are, as one may come behind its key. Where no private key can be seen, public keys
    /// wait for none.
    init(certificates: [ObjectRecord], hasPrivateKeys: Bool) {
        self.hasPrivateKeys = hasPrivateKeys
        for record in certificates { groups[index(of: KeyName(record))].hasCertificate = true }
    }

    /// Takes the next object, and answers the key that it completes.
    mutating func add(_ record: ObjectRecord) -> Entry? {
        guard record.isPrivateKey || record.isPublicKey else { return nil }
        let index = index(of: KeyName(record))
        return record.isPrivateKey ? addPrivate(record, at: index) : addPublic(record, at: index)
    }

    private mutating func addPrivate(_ record: ObjectRecord, at index: Int) -> Entry? {
        var publicKey = try? record.publicKey()
        var told = Told(keyType: record.keyType)
        if let place = groups[index].publicKeys.firstIndex(where: { Self.belongTogether($0, record) }) {
            let own = groups[index].publicKeys.remove(at: place)
            publicKey = publicKey ?? (try? own.publicKey())
        } else if publicKey != nil {
            told.awaitedLabel = record.label
        } else {
            groups[index].privateKeys.append(record)
            return nil
        }
        groups[index].told.append(told)
        return entry(record, publicKey, at: index)
    }

    private mutating func addPublic(_ record: ObjectRecord, at index: Int) -> Entry? {
        guard hasPrivateKeys else { return entry(record, try? record.publicKey(), at: index, hasPrivateKey: false) }
        if let place = groups[index].privateKeys.firstIndex(where: { Self.belongTogether($0, record) }) {
            let own = groups[index].privateKeys.remove(at: place)
            groups[index].told.append(Told(keyType: own.keyType))
            return entry(own, try? record.publicKey(), at: index)
        }
        let place = groups[index].told.firstIndex {
            $0.keyType == record.keyType && $0.awaitedLabel == record.label
        }
        if let place {
            groups[index].told[place].awaitedLabel = nil
        } else {
            groups[index].publicKeys.append(record)
        }
        return nil
    }

    /// Calls `body` with each key that is left when all objects were read, until it answers false: those that lack a half,
    /// and those whose halves have different labels.
    func forEachRest(_ body: (Entry) throws(KeyStoreError) -> Bool) throws(KeyStoreError) {
        for (index, group) in groups.enumerated() {
            for record in group.privateKeys {
                guard try body(entry(record, Self.publicKey(of: record, in: group), at: index)) else { return }
            }
            // Of a key whose private part is hidden or gone. One that belongs to a private key was told with it.
            let keyTypes = group.told.map(\.keyType) + group.privateKeys.map(\.keyType)
            for record in group.publicKeys where !keyTypes.contains(record.keyType) {
                guard try body(entry(record, try? record.publicKey(), at: index, hasPrivateKey: false)) else { return }
            }
        }
    }

    // MARK: Groups

    private mutating func index(of name: KeyName) -> Int {
        if let present = indices[name] { return present }
        indices[name] = groups.count
        groups.append(Group())
        return groups.count - 1
    }

    private func entry(
        _ record: ObjectRecord, _ publicKey: PublicKey?, at index: Int, hasPrivateKey: Bool = true
    ) -> Entry {
        Entry(
            record: record, publicKey: publicKey, hasPrivateKey: hasPrivateKey,
            hasCertificate: groups[index].hasCertificate)
    }

    /// Whether two objects of one name are the halves of one key. Where several keys share an id, the label says which halves
    /// belong to each other; keys that share both have the same reference, so that it is the same which half goes to which.
    private static func belongTogether(_ one: ObjectRecord, _ other: ObjectRecord) -> Bool {
        one.keyType == other.keyType && one.type == other.type && one.label == other.label
    }

    /// A malformed public key must not hide the other keys: it is left out, and asking for it says what is wrong.
    private static func publicKey(of record: ObjectRecord, in group: Group) -> PublicKey? {
        var candidates = group.publicKeys.filter { $0.type == record.type }
        if candidates.count > 1 { candidates = candidates.filter { $0.label == record.label } }
        return candidates.count == 1 ? try? candidates[0].publicKey() : nil
    }
}
