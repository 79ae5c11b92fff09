import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVSession {
    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError) {
        let wanted = try uri.map { uri throws(KeyStoreError) in try PIVURI(uri) }
        if options.login == .atOnce { try logIn() }
        if let wanted, !isFor(wanted) { return }
        for slot in wanted?.slots ?? Slot.users {
            let record = try perform("list keys") { applet throws(KeyStoreError) in
                try self.record(of: slot, applet, looksForCertificate: true)
            }
            guard let record else { continue }
            if !body(try record.info(on: identity)) { return }
        }
    }

    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey {
        do throws(KeyStoreError) {
            let key = try PIVKey(self, try onlyRecord(at: uri))
            // A key that wants the PIN each time wants it then, and one that wants none never.
            if key.record.loginNeed == .once { try logIn() }
            return key
        } catch {
            throw error.during("find key", of: uri.text)
        }
    }

    func publicKey(at uri: KeyStoreURI) throws(KeyStoreError) -> PublicKey {
        do throws(KeyStoreError) {
            let record = try onlyRecord(at: uri)
            guard let publicKey = record.publicKey else {
                throw KeyStoreError(
                    .unsupportedMechanism,
                    "this library has no public keys of the type \(record.algorithm?.name ?? "unknown")")
            }
            return publicKey
        } catch {
            throw error.during("read public key", of: uri.text)
        }
    }

    /// Whether the reference can be about this session's token.
    func isFor(_ uri: PIVURI) -> Bool {
        uri.serial == nil || uri.serial == identity.serial
    }

    /// The one key that the reference matches. Looks into one slot only where the reference names one.
    func onlyRecord(at uri: KeyStoreURI) throws(KeyStoreError) -> SlotRecord {
        let wanted = try PIVURI(uri)
        guard isFor(wanted) else {
            throw KeyStoreError(.noSuchKey, "the reference names another token than the session's")
        }
        var found: [SlotRecord] = []
        for slot in wanted.slots ?? Slot.users {
            let record = try perform("find key") { applet throws(KeyStoreError) in
                try self.record(of: slot, applet, looksForCertificate: false)
            }
            if let record { found.append(record) }
        }
        if found.count == 1 { return found[0] }
        guard !found.isEmpty else {
            throw KeyStoreError(
                .noSuchKey,
                wanted.slot.map { "the slot \($0.text) is empty" } ?? "no slot has a key that the reference matches")
        }
        var candidates: [KeyStoreURI] = []
        for record in found { candidates.append(try identity.uri(record.slot)) }
        throw KeyStoreError.ambiguousKey(candidates, at: uri)
    }

    /// What is in a slot, within a transaction; nil for nothing.
    func record(
        of slot: Slot, _ applet: Applet, looksForCertificate: Bool
    ) throws(KeyStoreError) -> SlotRecord? {
        if identity.has(.metadata) {
            guard let metadata = try applet.metadata(slot.number) else { return nil }
            var record = try SlotRecord(slot, metadata)
            if looksForCertificate { record.hasCertificate = try applet.read(slot.certificateObject) != nil }
            return record
        }
        if let certificate = try applet.certificate(in: slot) {
            return SlotRecord(slot, certified: try publicKey(certifiedBy: certificate))
        }
        // A key that was made on the card is known by what the card says of it.
        if identity.has(.attesting), slot != .attestation, case .certificate(let der) = try applet.attest(slot) {
            return SlotRecord(slot, attested: try publicKey(certifiedBy: der))
        }
        return nil
    }

    /// The public key in a certificate that the card gave.
    private func publicKey(certifiedBy der: [UInt8]) throws(KeyStoreError) -> PublicKey {
        do throws(KeyStoreError) {
            return try Certificate(der: der).publicKey
        } catch {
            guard error.code == .invalidData else { throw error }
            throw KeyStoreError(.invalidReply, "the card gave a certificate that is none: \(error.message)")
        }
    }
}
