internal import Foundation

/// Looking into a key and changing it without commands, for tests of something else.
extension YubiKey {
    /// The serial number.
    public var serial: UInt32 { withApplet { $0.state.serial } }
    /// The firmware.
    public var firmware: FirmwareVersion { withApplet { $0.state.firmware } }
    /// How many tries the PIN has left.
    public var pinTriesLeft: Int { withApplet { $0.state.pin.triesLeft } }
    /// How many tries the PUK has left.
    public var pukTriesLeft: Int { withApplet { $0.state.puk.triesLeft } }
    /// The cipher of the management key.
    public var managementAlgorithm: ManagementAlgorithm { withApplet { $0.state.managementKey.algorithm } }
    /// The management key.
    public var managementKey: [UInt8] { withApplet { $0.state.managementKey.bytes } }

    /// Sets the PIN, and gives it all its tries back. At most 8 bytes.
    public func setPIN(_ pin: String, tries: Int = 3) {
        withApplet { $0.state.pin = CardState.Reference(pin, tries: tries) }
    }

    /// Sets the PUK, and gives it all its tries back. At most 8 bytes.
    public func setPUK(_ puk: String, tries: Int = 3) {
        withApplet { $0.state.puk = CardState.Reference(puk, tries: tries) }
    }

    /// Sets the management key. The length must be the cipher's.
    public func setManagementKey(_ bytes: [UInt8], _ algorithm: ManagementAlgorithm, touchPolicy: TouchPolicy = .never)
    {
        precondition(bytes.count == algorithm.keyLength, "a key of this cipher has \(algorithm.keyLength) bytes")
        withApplet {
            $0.state.managementKey = ManagementKey(algorithm: algorithm, bytes: bytes, touchPolicy: touchPolicy)
        }
    }

    /// Makes a key in a slot, and returns its public key as a SubjectPublicKeyInfo in DER. Policies that are not given are the
    /// slot's defaults. Unlike the applet, gives every firmware every algorithm.
    @discardableResult
    public func generate(
        _ algorithm: KeyAlgorithm, in slot: Slot, pinPolicy: PINPolicy? = nil, touchPolicy: TouchPolicy = .never
    ) throws -> [UInt8] {
        let key = try SoftwareKey.generate(algorithm)
        withApplet {
            $0.store(key, in: slot, pinPolicy ?? slot.defaultPINPolicy, touchPolicy, isImported: false)
        }
        return key.publicKeyDER
    }

    /// Puts a key into a slot as if it had been imported, and returns its public key as `generate` does.
    /// - Parameter der: Unencrypted PKCS#8.
    @discardableResult
    public func importKey(
        pkcs8 der: [UInt8], in slot: Slot, pinPolicy: PINPolicy? = nil, touchPolicy: TouchPolicy = .never
    ) throws -> [UInt8] {
        let key = try SoftwareKey(pkcs8: der)
        withApplet {
            $0.store(key, in: slot, pinPolicy ?? slot.defaultPINPolicy, touchPolicy, isImported: true)
        }
        return key.publicKeyDER
    }

    /// The public key in a slot as a SubjectPublicKeyInfo in DER; nil for an empty slot.
    public func publicKeyDER(in slot: Slot) throws -> [UInt8]? {
        try withApplet { try $0.key(in: slot)?.key.publicKeyDER }
    }

    /// Takes the key out of a slot; its certificate stays.
    public func removeKey(in slot: Slot) { withApplet { _ = $0.removeKey(in: slot) } }

    /// Makes a certificate that the key in the slot signs for itself, puts it into the slot, and returns it in DER. An X25519
    /// key's, which cannot sign, is of a passing authority.
    /// - Parameter isAuthority: Whether it may stand over other certificates, as one in F9 does.
    @discardableResult
    public func putCertificate(in slot: Slot, commonName: String, isAuthority: Bool = false) throws -> [UInt8] {
        try withApplet { applet in
            guard let key = try applet.key(in: slot)?.key else { throw StatusWord.referenceNotFound }
            let maker = CertificateMaker(
                subject: commonName, publicKey: key.publicKeyDER,
                extensions: isAuthority ? [.authority(pathLength: 0)] : [])
            let certificate = try maker.sign(with: key.algorithm == .x25519 ? SoftwareKey.generate(.p256) : key)
            applet.state.objects[slot.certificateObject] = Data(CertificateObject.encode(certificate))
            return certificate
        }
    }

    /// Puts a certificate into a slot, whatever key it is for.
    /// - Parameter isCompressed: Whether these bytes are a certificate that gzip has compressed.
    public func setCertificate(_ bytes: [UInt8], in slot: Slot, isCompressed: Bool = false) {
        setObject(slot.certificateObject, CertificateObject.encode(bytes, isCompressed: isCompressed))
    }

    /// The certificate in a slot, as it stands there; nil if there is none.
    public func certificate(in slot: Slot) -> [UInt8]? {
        object(slot.certificateObject).flatMap { CertificateObject.decode($0) }
    }

    /// An object's contents, without the header (53) around them; nil if there is none.
    public func object(_ number: UInt32) -> [UInt8]? { withApplet { $0.state.objects[number].map { Array($0) } } }

    /// Sets an object's contents, or takes the object away for nil. Unlike the applet, takes any length.
    public func setObject(_ number: UInt32, _ contents: [UInt8]?) {
        withApplet { $0.state.objects[number] = contents.map { Data($0) } }
    }

    /// A CHUID with a random GUID, which OpenSC takes the token's serial number from.
    public func putCHUID() {
        let contents = [
            TLV(0x30, [UInt8](repeating: 0, count: 25)), TLV(0x34, RandomBytes.make(16)),
            TLV(0x35, Array("20520417".utf8)), TLV(0x3E, []), TLV(0xFE, []),
        ]
        setObject(0x5FC102, contents.encoded)
    }

    /// The certificate, in DER, that ends the chain of this key's attestations. It does not stand on the key, as with a real
    /// one.
    public func attestationRootDER() throws -> [UInt8] {
        try withApplet { applet in
            try applet.makeAttestationKey()
            return Array(applet.state.rootCertificate ?? Data())
        }
    }

    /// The same as PEM.
    public func attestationRootPEM() throws -> String {
        let lines = Data(try attestationRootDER()).base64EncodedString(options: [
            .lineLength64Characters, .endLineWithLineFeed,
        ])
        return "-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n"
    }

    /// Runs `body` with the applet, and saves what it changed.
    func withApplet<Result>(_ body: (PIVApplet) throws -> Result) rethrows -> Result {
        try condition.withLock {
            defer { engine.piv.saveChanges() }
            return try body(engine.piv)
        }
    }
}
