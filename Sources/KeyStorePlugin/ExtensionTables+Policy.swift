import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The tables of making keys with policies, attesting them, and moving them.
extension ExtensionTables {
    static func settingPolicies() -> keystore_key_policies_v1 {
        var table = keystore_key_policies_v1()
        table.size = UInt32(MemoryLayout<keystore_key_policies_v1>.size)
        table.generate_key = { pointer, request, key, sink, context, error in
            run("generate key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any KeyPolicyBackendSession).self)
                let request = try checked(request)
                let type = try? KeyType?(boundaryType: request.type, bits: request.bits)
                guard let type = type ?? nil, KeyType.generatable.contains(type) else {
                    throw KeyStoreError(.unsupportedMechanism, "keys of this type or size are not made")
                }
                let made = try session.generateKey(
                    type, options: try NewKeyOptions(checking: request), at: try reference(request.uri))
                try PluginTable.hand(made, to: key, sink: sink, context: context)
            }
        }
        table.import_key = { pointer, request, pem, key, sink, context, error in
            run("import key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any KeyPolicyBackendSession).self)
                let request = try checked(request)
                let imported = try session.importKey(
                    pem: pem.buffer, options: try NewKeyOptions(checking: request), at: try reference(request.uri))
                try PluginTable.hand(imported, to: key, sink: sink, context: context)
            }
        }
        return table
    }

    static func attesting() -> keystore_attest_v1 {
        var table = keystore_attest_v1()
        table.size = UInt32(MemoryLayout<keystore_attest_v1>.size)
        table.attest = { pointer, uri, sink, context, error in
            run("attest key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any KeyAttestingBackendSession).self)
                for certificate in try session.attestation(at: try reference(uri)) {
                    withBytes(of: certificate) { sink?(context, $0) }
                }
            }
        }
        return table
    }

    static func moving() -> keystore_move_v1 {
        var table = keystore_move_v1()
        table.size = UInt32(MemoryLayout<keystore_move_v1>.size)
        table.move_key = { pointer, from, to, sink, context, error in
            run("move key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any KeyMovingBackendSession).self)
                let key = try session.moveKey(at: try reference(from), to: try reference(to))
                _ = key.readable().withC { sink?(context, $0) }
            }
        }
        return table
    }
}

/// The request that the host passed.
private func checked(
    _ request: UnsafePointer<keystore_new_key_request>?
) throws(KeyStoreError) -> keystore_new_key_request {
    guard let request, request.pointee.size >= MemoryLayout<keystore_new_key_request>.size else {
        throw KeyStoreError(.invalidData, "the program passed no request")
    }
    return request.pointee
}
