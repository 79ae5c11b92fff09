import KeyStoreCore

extension SlotRecord {
    /// The description of the key.
    func info(on identity: Identity) throws(KeyStoreError) -> KeyInfo {
        let type = algorithm?.type
        var protection: KeyProtection = []
        if pinPolicy != .never { protection.insert(.login) }
        if pinPolicy == .always { protection.insert(.pinAlways) }
        if let touchPolicy, touchPolicy != .never { protection.insert(.touch) }
        // The attestation key signs attestations only.
        let isUsable = slot != .attestation && publicKey != nil
        var info = KeyInfo(
            uri: try identity.uri(slot), type: type, label: PKCS11Names.ykcs11Name(of: slot), id: [slot.number],
            publicKey: publicKey, protection: protection, hasCertificate: hasCertificate ?? false,
            properties: properties)
        if isUsable, let type {
            // A block of 1024 bits has no room for PSS with SHA-512.
            info.algorithms = type.algorithms.filter { !(algorithm == .rsa1024 && $0 == .rsaPSSSHA512) }
            if case .rsa = type {
                // Nor for OAEP with it.
                info.decryptionAlgorithms = EncryptionAlgorithm.all.filter {
                    !(algorithm == .rsa1024 && $0 == .rsaOAEPSHA512)
                }
            }
            info.canAgree = algorithm?.agreement != nil
        }
        return info
    }

    private var properties: [KeyInfo.Property] {
        var properties = [KeyInfo.Property(name: "slot", value: "\(slot.text) (\(slot.name))")]
        func add(_ name: String, _ value: String?) {
            if let value { properties.append(KeyInfo.Property(name: name, value: value)) }
        }
        add("algorithm", algorithm?.name)
        add("pin-policy", origin == nil ? nil : "\(pinPolicy)")
        add("touch-policy", touchPolicy.map { "\($0)" })
        add("origin", origin.map { "\($0)" })
        return properties
    }
}
