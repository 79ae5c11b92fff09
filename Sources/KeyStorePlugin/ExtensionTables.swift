import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The tables of the abilities that a backend has. Immortal, like the plugin.
final class ExtensionTables {
    private let tables: [String: UnsafeRawPointer]

    init(abilities: Ability) {
        var tables: [String: UnsafeRawPointer] = [:]
        if abilities.contains(.certificates) {
            tables[KEYSTORE_EXTENSION_CERTIFICATES] = Self.immortal(Self.certificates())
        }
        if abilities.contains(.deleting) { tables[KEYSTORE_EXTENSION_DELETE] = Self.immortal(Self.deleting()) }
        if abilities.contains(.importing) { tables[KEYSTORE_EXTENSION_IMPORT] = Self.immortal(Self.importing()) }
        if abilities.contains(.sdkReferences) {
            tables[KEYSTORE_EXTENSION_SDK_REFERENCE] = Self.immortal(Self.sdkReferences())
        }
        if abilities.contains(.decrypting) { tables[KEYSTORE_EXTENSION_DECRYPT] = Self.immortal(Self.decrypting()) }
        if abilities.contains(.agreeing) { tables[KEYSTORE_EXTENSION_AGREE] = Self.immortal(Self.agreeing()) }
        if abilities.contains(.relabelling) { tables[KEYSTORE_EXTENSION_RELABEL] = Self.immortal(Self.relabelling()) }
        if abilities.contains(.administering) {
            tables[KEYSTORE_EXTENSION_ADMINISTRATION] = Self.immortal(Self.administering())
        }
        if abilities.contains(.watching) { tables[KEYSTORE_EXTENSION_WATCH] = Self.immortal(Self.watching()) }
        if abilities.contains(.keyPolicies) {
            tables[KEYSTORE_EXTENSION_KEY_POLICIES] = Self.immortal(Self.settingPolicies())
        }
        if abilities.contains(.attesting) { tables[KEYSTORE_EXTENSION_ATTEST] = Self.immortal(Self.attesting()) }
        if abilities.contains(.moving) { tables[KEYSTORE_EXTENSION_MOVE] = Self.immortal(Self.moving()) }
        self.tables = tables
    }

    func table(named name: String) -> UnsafeRawPointer? { tables[name] }

    private static func immortal<Table>(_ table: Table) -> UnsafeRawPointer {
        let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        pointer.initialize(to: table)
        return UnsafeRawPointer(pointer)
    }

    private static func certificates() -> keystore_certificates_v1 {
        var table = keystore_certificates_v1()
        table.size = UInt32(MemoryLayout<keystore_certificates_v1>.size)
        table.get = { pointer, uri, sink, context, error in
            run("read certificate", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any CertificateBackendSession).self)
                for certificate in try session.certificates(at: try reference(uri)) {
                    withBytes(of: certificate) { sink?(context, $0) }
                }
            }
        }
        table.put = { pointer, uri, certificates, count, error in
            run("store certificate", error) { () throws(KeyStoreError) in
                guard (1...64).contains(count), let certificates else {
                    throw KeyStoreError(
                        .invalidData, "between 1 and 64 certificates can be stored, and \(count) were given")
                }
                var copies: [[UInt8]] = []
                for certificate in UnsafeBufferPointer(start: certificates, count: count) {
                    guard let copy = try? certificate.copied("a certificate", limit: 65536) else {
                        throw KeyStoreError(.invalidData, "a certificate is longer than 65536 bytes, or missing")
                    }
                    copies.append(copy)
                }
                try abilitySession(pointer, as: (any CertificateBackendSession).self).store(
                    copies, at: try reference(uri))
            }
        }
        table.remove = { pointer, uri, error in
            run("remove certificate", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any CertificateBackendSession).self)
                try session.removeCertificates(at: try reference(uri))
            }
        }
        return table
    }

    private static func deleting() -> keystore_delete_v1 {
        var table = keystore_delete_v1()
        table.size = UInt32(MemoryLayout<keystore_delete_v1>.size)
        table.delete_key = { pointer, uri, error in
            run("delete key", error) { () throws(KeyStoreError) in
                try abilitySession(pointer, as: (any KeyDeletingBackendSession).self).deleteKey(at: try reference(uri))
            }
        }
        return table
    }

    private static func importing() -> keystore_import_v1 {
        var table = keystore_import_v1()
        table.size = UInt32(MemoryLayout<keystore_import_v1>.size)
        table.import_key = { pointer, uri, pem, key, sink, context, error in
            run("import key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any KeyImportingBackendSession).self)
                let imported = try session.importKey(pem: pem.buffer, purpose: .sign, at: try reference(uri))
                try PluginTable.hand(imported, to: key, sink: sink, context: context)
            }
        }
        table.import_key_for = { pointer, purpose, uri, pem, key, sink, context, error in
            run("import key", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any KeyImportingBackendSession).self)
                let imported = try session.importKey(
                    pem: pem.buffer, purpose: KeyPurpose(boundaryPurpose: purpose), at: try reference(uri))
                try PluginTable.hand(imported, to: key, sink: sink, context: context)
            }
        }
        return table
    }

    private static func sdkReferences() -> keystore_sdk_reference_v1 {
        var table = keystore_sdk_reference_v1()
        table.size = UInt32(MemoryLayout<keystore_sdk_reference_v1>.size)
        table.make = { pointer, uri, sink, context, error in
            run("make SDK reference", error) { () throws(KeyStoreError) in
                let session = try abilitySession(pointer, as: (any SDKReferencingBackendSession).self)
                try session.sdkReference(at: try reference(uri)).withBytes { sink?(context, keystore_bytes($0)) }
            }
        }
        return table
    }
}

/// The session as one with the ability. A backend that declares an ability and lacks it is its author's mistake.
func abilitySession<Ability>(
    _ pointer: UnsafeMutableRawPointer?, as type: Ability.Type
) throws(KeyStoreError) -> Ability {
    guard let session = try object(pointer, as: SessionBox.self).session as? Ability else {
        throw KeyStoreError(.unsupportedOperation, "this backend declares an ability that its sessions lack")
    }
    return session
}
