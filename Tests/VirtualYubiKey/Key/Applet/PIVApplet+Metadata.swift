/// What the applet tells about PINs and keys, plainly and signed.
extension PIVApplet {
    func metadata(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.p1 == 0 else { throw .wrongParameters }
        switch command.p2 {
        case 0x80: return Self.metadata(of: state.pin, factory: CardState.factoryPIN)
        case 0x81: return Self.metadata(of: state.puk, factory: CardState.factoryPUK)
        case 0x9B:
            let key = state.managementKey
            let isDefault = key.bytes == ManagementKey.factoryDefault(state.firmware).bytes
            return [
                TLV(0x01, [key.algorithm.rawValue]), TLV(0x02, [0, key.touchPolicy.rawValue]),
                TLV(0x05, [isDefault ? 1 : 0]),
            ].encoded
        default:
            guard let slot = Slot(number: command.p2), let (key, stored) = try key(in: slot) else {
                throw .referenceNotFound
            }
            return [
                TLV(0x01, [key.algorithm.rawValue]),
                TLV(0x02, [stored.pinPolicy.rawValue, stored.touchPolicy.rawValue]),
                TLV(0x03, [stored.isImported ? 2 : 1]), TLV(0x04, key.publicKeyElements.encoded),
            ].encoded
        }
    }

    private static func metadata(of reference: CardState.Reference, factory: String) -> [UInt8] {
        let isDefault = reference.value == CardState.Reference.padded(factory)
        return [
            TLV(0x01, [0xFF]), TLV(0x05, [isDefault ? 1 : 0]),
            TLV(0x06, [UInt8(reference.triesTotal), UInt8(reference.triesLeft)]),
        ].encoded
    }

    /// A certificate over a key that was made here, signed by the key in F9.
    func attest(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        let slot = try slot(command.p1)
        guard command.p2 == 0 else { throw .wrongParameters }
        guard slot != .attestation else { throw .wrongData }
        guard let (key, stored) = try key(in: slot) else { throw .referenceNotFound }
        guard !stored.isImported else { throw .wrongData }
        guard let (signer, _) = try self.key(in: .attestation),
            let object = state.objects[Slot.attestation.certificateObject],
            let issuer = CertificateObject.decode(Array(object))
        else { throw .referenceNotFound }
        let serial = TLV(0x02, DER.unsigned(state.serialBytes)).encoded
        let maker = CertificateMaker(
            subject: "YubiKey PIV Attestation \(slot)", issuer: issuer, publicKey: key.publicKeyDER,
            extensions: [
                .init(oid: YubicoOID.firmware, value: state.firmware.bytes),
                .init(oid: YubicoOID.serialNumber, value: serial),
                .init(oid: YubicoOID.policies, value: [stored.pinPolicy.rawValue, stored.touchPolicy.rawValue]),
                .init(oid: YubicoOID.formFactor, value: [CardState.formFactor]),
            ])
        surroundings.work()
        return try maker.sign(with: signer)
    }
}
