import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The tables of what keys can do beside signing, and of giving them other names.
extension ExtensionTables {
    static func decrypting() -> keystore_decrypt_v1 {
        var table = keystore_decrypt_v1()
        table.size = UInt32(MemoryLayout<keystore_decrypt_v1>.size)
        table.decrypt = { key, algorithm, input, sink, context, error in
            run("decrypt", error) { () throws(KeyStoreError) in
                let box = try object(key, as: KeyBox.self)
                let algorithm = EncryptionAlgorithm(rawValue: algorithm)
                guard let key = box.key as? any DecryptingBackendKey, key.info.decryptionAlgorithms.contains(algorithm)
                else {
                    throw KeyStoreError(.unsupportedMechanism, "this key does not decrypt \(algorithm)")
                }
                guard input.count >= 0, input.data != nil || input.count == 0 else {
                    throw KeyStoreError(.invalidData, "the program passed a length without bytes to decrypt")
                }
                try key.decrypt(input.buffer, using: algorithm).withBytes { sink?(context, keystore_bytes($0)) }
            }
        }
        return table
    }

    static func agreeing() -> keystore_agree_v1 {
        var table = keystore_agree_v1()
        table.size = UInt32(MemoryLayout<keystore_agree_v1>.size)
        table.derive = { key, peer, sink, context, error in
            run("derive", error) { () throws(KeyStoreError) in
                let box = try object(key, as: KeyBox.self)
                guard let key = box.key as? any AgreeingBackendKey, key.info.canAgree else {
                    throw KeyStoreError(.unsupportedMechanism, "this key derives no shared secrets")
                }
                guard let der = try? peer.copied("a public key", limit: PublicKey.maximumLength),
                    let peer = try? PublicKey(der: der), peer.type == key.info.type
                else {
                    throw KeyStoreError(.invalidData, "the other public key is none of the same curve")
                }
                try key.sharedSecret(with: peer).withBytes { sink?(context, keystore_bytes($0)) }
            }
        }
        return table
    }

    static func relabelling() -> keystore_relabel_v1 {
        var table = keystore_relabel_v1()
        table.size = UInt32(MemoryLayout<keystore_relabel_v1>.size)
        table.relabel = { pointer, uri, label, id, sink, context, error in
            run("relabel key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any RelabellingBackendSession).self)
                var newLabel: String?
                var newID: [UInt8]?
                do throws(KeyStoreError) {
                    if let label { newLabel = try label.pointee.text("the new label", limit: 1024) }
                    if let id { newID = try id.pointee.copied("the new id", limit: 256) }
                } catch {
                    throw KeyStoreError(.invalidData, error.message)
                }
                let key = try session.relabel(at: try reference(uri), label: newLabel, id: newID)
                _ = key.readable().withC { sink?(context, $0) }
            }
        }
        return table
    }
}
