import CKeyStore
import KeyStoreBridge
import KeyStoreCore

extension PluginTable {
    static func addKeyFunctions(to table: inout keystore_plugin) {
        table.close_key = { key in
            guard let key else { return }
            Unmanaged<KeyBox>.fromOpaque(key).release()
        }
        table.public_key = { key, sink, context, error in
            run("read public key", error) { () throws(KeyStoreError) in
                let publicKey = try object(key, as: KeyBox.self).key.publicKey()
                withBytes(of: publicKey.der) { sink?(context, $0) }
            }
        }
        table.sign = { key, algorithm, form, input, sink, context, error in
            run("sign", error) { () throws(KeyStoreError) in
                let box = try object(key, as: KeyBox.self)
                let algorithm = SignatureAlgorithm(rawValue: algorithm)
                guard box.algorithms.contains(algorithm) else {
                    throw KeyStoreError(.unsupportedMechanism, "this key does not sign with \(algorithm)")
                }
                guard let form = SigningForm(rawValue: form) else {
                    throw KeyStoreError(.invalidData, "what is signed must be a message or a digest")
                }
                guard input.count >= 0, input.data != nil || input.count == 0 else {
                    throw KeyStoreError(.invalidData, "the program passed a length without bytes to sign")
                }
                if form == .digest {
                    guard let hash = algorithm.hash else {
                        throw KeyStoreError(.invalidData, "\(algorithm) signs messages, not digests")
                    }
                    guard input.count == hash.digestLength else {
                        throw KeyStoreError(
                            .invalidData,
                            "a digest for \(algorithm) has \(hash.digestLength) bytes, and this one has \(input.count)")
                    }
                }
                let signature = try box.key.sign(input.buffer, form: form, using: algorithm)
                signature.withUnsafeBytes { sink?(context, keystore_bytes($0)) }
            }
        }
    }
}
