import CKeyStore
import KeyStoreBridge
import KeyStoreCore

extension PluginTable {
    static func addSessionFunctions(to table: inout keystore_plugin) {
        table.close_session = { session in
            guard let session else { return }
            Unmanaged<SessionBox>.fromOpaque(session).takeRetainedValue().session.close()
        }
        table.session_token = { session, sink, context, error in
            run("read token", error) { () throws(KeyStoreError) in
                let token = try object(session, as: SessionBox.self).session.token
                _ = token.withC { sink?(context, $0) }
            }
        }
        table.list_keys = { session, uri, sink, context, error in
            run("list keys", error) { () throws(KeyStoreError) in
                let filter = uri.count == 0 ? nil : try reference(uri)
                try object(session, as: SessionBox.self).session.forEachKey(matching: filter) { key in
                    key.readable().withC { sink?(context, $0) ?? 1 } == 0
                }
            }
        }
        table.find_key = { session, uri, key, sink, context, error in
            run("find key", error) { () throws(KeyStoreError) in
                let found = try object(session, as: SessionBox.self).session.key(at: try reference(uri))
                try PluginTable.hand(found, to: key, sink: sink, context: context)
            }
        }
        table.find_public_key = { session, uri, sink, context, error in
            run("find public key", error) { () throws(KeyStoreError) in
                let found = try object(session, as: SessionBox.self).session.publicKey(at: try reference(uri))
                withBytes(of: found.der) { sink?(context, $0) }
            }
        }
        table.generate_key = { session, request, key, sink, context, error in
            run("generate key", error) { () throws(KeyStoreError) in
                guard let request, request.pointee.size >= MemoryLayout<keystore_generate_request>.size else {
                    throw KeyStoreError(.invalidData, "the program passed no request")
                }
                let type = try? KeyType?(boundaryType: request.pointee.type, bits: request.pointee.bits)
                guard let type = type ?? nil, KeyType.generatable.contains(type) else {
                    throw KeyStoreError(.unsupportedMechanism, "keys of this type or size are not made")
                }
                let purpose = KeyPurpose(boundaryPurpose: request.pointee.purpose)
                let session = try object(session, as: SessionBox.self).session
                let made = try session.generateKey(
                    type, purpose: purpose, at: try reference(request.pointee.uri))
                try PluginTable.hand(made, to: key, sink: sink, context: context)
            }
        }
    }

    /// Passes a key and its description to the host.
    static func hand(
        _ key: any BackendKey, to pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
        sink: keystore_key_sink?, context: UnsafeMutableRawPointer?
    ) throws(KeyStoreError) {
        guard let pointer else { throw KeyStoreError(.invalidData, "the program passed no place for the key") }
        pointer.pointee = Unmanaged.passRetained(KeyBox(key)).toOpaque()
        _ = key.info.readable().withC { sink?(context, $0) }
    }
}
