import VirtualYubiKey

/// A virtual YubiKey that is asked for attestations with the commands that a backend sends, but without a reader in between.
struct VirtualDevice {
    /// What the device answered instead of a certificate.
    struct Refusal: Error, Equatable { let status: [UInt8] }

    /// The kinds of keys that are made here.
    enum Kind { case p256, p384, rsa1024, rsa2048, ed25519, x25519 }

    let key: YubiKey

    /// - Parameter hasOwnRoot: Whether it is of another maker than the rest, of the same name.
    init(isNew: Bool = false, hasOwnRoot: Bool = false) throws {
        let firmware = isNew ? FirmwareVersion.v5_7_1 : .v5_4_3
        key = try hasOwnRoot ? YubiKey(firmware: firmware, root: AttestationRoot()) : YubiKey(firmware: firmware)
    }

    var rootPEM: String { get throws { try key.attestationRootPEM() } }

    /// Makes a key in 9c, with policies by their numbers, and returns its SubjectPublicKeyInfo.
    func generate(_ kind: Kind, pinPolicy: UInt8 = 2, touchPolicy: UInt8 = 1) throws -> [UInt8] {
        let algorithm: KeyAlgorithm =
            switch kind {
            case .p256: .p256
            case .p384: .p384
            case .rsa1024: .rsa1024
            case .rsa2048: .rsa2048
            case .ed25519: .ed25519
            case .x25519: .x25519
            }
        return try key.generate(
            algorithm, in: .signature, pinPolicy: PINPolicy(rawValue: pinPolicy),
            touchPolicy: TouchPolicy(rawValue: touchPolicy) ?? .never)
    }

    /// Puts a key from outside into 9c.
    func importKey(pkcs8: [UInt8]) throws { try key.importKey(pkcs8: pkcs8, in: .signature) }

    /// The attestation certificate of the key in 9c, then the device's own. Throws `Refusal`.
    func attestation() throws -> [[UInt8]] {
        _ = try answer(to: [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
        let certificate = try answer(to: [0x00, 0xF9, 0x9C, 0x00, 0x00])
        return [certificate, key.certificate(in: .attestation) ?? []]
    }

    private func answer(to command: [UInt8]) throws -> [UInt8] {
        var answer: [UInt8] = []
        var next = command
        while true {
            guard case .bytes(let bytes) = key.transmit(next) else { throw Refusal(status: []) }
            answer += bytes.dropLast(2)
            let status = Array(bytes.suffix(2))
            if status == [0x90, 0x00] { return answer }
            guard status.first == 0x61 else { throw Refusal(status: status) }
            next = [0x00, 0xC0, 0x00, 0x00, 0x00]
        }
    }
}
