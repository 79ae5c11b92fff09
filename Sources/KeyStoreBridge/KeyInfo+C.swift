public import CKeyStore
public import KeyStoreCore

extension KeyInfo {
    private static let labelLimit = 1024
    private static let algorithmLimit = 64
    /// The struct's size before its first addition.
    private static let firstVersion = MemoryLayout<keystore_key_info>.offset(of: \.decryptions)!

    /// Lends the description as the struct that crosses the boundary.
    public func withC<Result>(_ body: (UnsafePointer<keystore_key_info>) -> Result) -> Result {
        let arena = Arena()
        var info = keystore_key_info()
        info.size = UInt32(MemoryLayout<keystore_key_info>.size)
        (info.type, info.bits) = type.boundaryNumbers
        info.flags =
            (hasPrivateKey ? UInt32(KEYSTORE_KEY_HAS_PRIVATE) : 0)
            | (hasCertificate ? UInt32(KEYSTORE_KEY_HAS_CERTIFICATE) : 0)
            | (isExtractable ? UInt32(KEYSTORE_KEY_EXTRACTABLE) : 0)
            | (canAgree ? UInt32(KEYSTORE_KEY_AGREES) : 0)
        info.protection = protection.rawValue
        info.uri = arena.bytes(uri.text)
        info.label = arena.bytes(label)
        info.id = arena.bytes(id)
        info.public_key = arena.bytes(publicKey?.der ?? [])
        info.algorithms = arena.array(algorithms.map(\.rawValue))
        info.algorithm_count = algorithms.count
        info.decryptions = arena.array(decryptionAlgorithms.map(\.rawValue))
        info.decryption_count = decryptionAlgorithms.count
        info.properties = properties.attributes(in: arena)
        info.property_count = properties.count
        return withExtendedLifetime(arena) { withUnsafePointer(to: info, body) }
    }

    /// Reads a description that came over the boundary. Throws `invalidReply` for anything that cannot be right: sizes,
    /// lengths, text that is not UTF-8, a public key of another type than the description's.
    public init(checking pointer: UnsafePointer<keystore_key_info>) throws(KeyStoreError) {
        guard let info = prefix(of: pointer, firstVersion: Self.firstVersion) else {
            throw KeyStoreError(.invalidReply, "the plugin described a key in a struct that is too small")
        }
        let type = try KeyType?(boundaryType: info.type, bits: info.bits)
        let der = try info.public_key.copied("a public key", limit: PublicKey.maximumLength)
        let publicKey = try Self.publicKey(der, of: type)
        guard (0...Self.algorithmLimit).contains(info.algorithm_count),
            info.algorithms != nil || info.algorithm_count == 0
        else {
            throw KeyStoreError(.invalidReply, "the plugin listed too many algorithms for a key")
        }
        guard (0...Self.algorithmLimit).contains(info.decryption_count),
            info.decryptions != nil || info.decryption_count == 0
        else {
            throw KeyStoreError(.invalidReply, "the plugin listed too many ways to decrypt for a key")
        }
        let algorithms = UnsafeBufferPointer(start: info.algorithms, count: info.algorithm_count)
        let decryptions = UnsafeBufferPointer(start: info.decryptions, count: info.decryption_count)
        self.init(
            uri: try info.uri.uri("a key's URI"), type: type,
            label: try info.label.text("a key's label", limit: Self.labelLimit),
            id: try info.id.copied("a key's id", limit: Self.labelLimit), publicKey: publicKey,
            algorithms: algorithms.map(SignatureAlgorithm.init(rawValue:)),
            decryptionAlgorithms: decryptions.map(EncryptionAlgorithm.init(rawValue:)),
            canAgree: info.flags & UInt32(KEYSTORE_KEY_AGREES) != 0,
            protection: KeyProtection(rawValue: info.protection),
            hasPrivateKey: info.flags & UInt32(KEYSTORE_KEY_HAS_PRIVATE) != 0,
            hasCertificate: info.flags & UInt32(KEYSTORE_KEY_HAS_CERTIFICATE) != 0,
            isExtractable: info.flags & UInt32(KEYSTORE_KEY_EXTRACTABLE) != 0,
            properties: try [Property](checking: info.properties, count: info.property_count, of: "a key"))
    }

    /// The public key of a description. That of a type which is not known here cannot be read, and hinders no listing.
    private static func publicKey(_ der: [UInt8], of type: KeyType?) throws(KeyStoreError) -> PublicKey? {
        guard let type, !der.isEmpty else { return nil }
        let publicKey: PublicKey
        do {
            publicKey = try PublicKey(der: der)
        } catch {
            throw KeyStoreError(.invalidReply, "the plugin described a key wrongly: \(error.message)")
        }
        guard publicKey.type == type else {
            throw KeyStoreError(.invalidReply, "the plugin described a key of one type with a public key of another")
        }
        return publicKey
    }
}

extension KeyType? {
    /// The type and modulus bits as the boundary has them.
    public var boundaryNumbers: (type: UInt32, bits: UInt32) {
        switch self {
        case .ecP256: (UInt32(KEYSTORE_KEY_EC_P256), 0)
        case .ecP384: (UInt32(KEYSTORE_KEY_EC_P384), 0)
        case .ecP521: (UInt32(KEYSTORE_KEY_EC_P521), 0)
        case .rsa(let bits): (UInt32(KEYSTORE_KEY_RSA), UInt32(clamping: bits))
        case .ed25519: (UInt32(KEYSTORE_KEY_ED25519), 0)
        case .x25519: (UInt32(KEYSTORE_KEY_X25519), 0)
        case nil: (UInt32(KEYSTORE_KEY_OTHER), 0)
        }
    }

    /// Reads a type that came over the boundary. Throws `invalidReply` for a number that is not defined, or an RSA size
    /// that no implementation makes.
    public init(boundaryType type: UInt32, bits: UInt32) throws(KeyStoreError) {
        switch Int32(truncatingIfNeeded: type) {
        case KEYSTORE_KEY_EC_P256: self = .ecP256
        case KEYSTORE_KEY_EC_P384: self = .ecP384
        case KEYSTORE_KEY_EC_P521: self = .ecP521
        case KEYSTORE_KEY_RSA where (256...16384).contains(bits): self = .rsa(bits: Int(bits))
        case KEYSTORE_KEY_ED25519: self = .ed25519
        case KEYSTORE_KEY_X25519: self = .x25519
        case KEYSTORE_KEY_OTHER: self = nil
        default: throw KeyStoreError(.invalidReply, "a key of type \(type) with \(bits) bits is not defined")
        }
    }
}
