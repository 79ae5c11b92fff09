import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVSession: CertificateBackendSession {
    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        do throws(KeyStoreError) {
            let slot = try certificateSlot(at: uri)
            return try perform("read certificates") { applet throws(KeyStoreError) in
                guard let own = try applet.certificate(in: slot) else {
                    throw KeyStoreError(.noSuchCertificate, "there is no certificate in the slot \(slot.text)")
                }
                return Self.chain(from: own, try applet.issuers(of: slot))
            }
        } catch {
            throw error.during("read certificates", of: uri.text)
        }
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        let operation = "store certificates"
        do throws(KeyStoreError) {
            try demandWritable(operation)
            guard (1...IssuerObjects.maximumCount + 1).contains(certificates.count) else {
                throw KeyStoreError(
                    .invalidData, "give 1 to \(IssuerObjects.maximumCount + 1) certificates, the key's own first")
            }
            for (index, der) in certificates.enumerated() {
                _ = try Certificate(der: der)
                guard CertificateObject.encode(der).count <= Self.maximumObjectLength else {
                    throw KeyStoreError(
                        .invalidData,
                        "certificate \(index + 1) has \(der.count) bytes, and the card has room for some \(Self.maximumObjectLength - 10)"
                    )
                }
            }
            let record = try onlyRecord(at: uri)
            guard record.slot != .attestation else {
                throw KeyStoreError(.policyRefused, "the attestation key's certificate is its maker's, and stays")
            }
            guard try Certificate(der: certificates[0]).publicKey == record.publicKey else {
                throw KeyStoreError(.invalidData, "the certificate is for another public key than the key's")
            }
            try performManaged(operation) { applet throws(KeyStoreError) in
                try applet.write(certificates, to: record.slot)
            }
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }

    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError) {
        let operation = "remove certificates"
        do throws(KeyStoreError) {
            try demandWritable(operation)
            let slot = try certificateSlot(at: uri)
            guard slot != .attestation else {
                throw KeyStoreError(.policyRefused, "the attestation key's certificate is its maker's, and stays")
            }
            let isThere = try perform(operation) { applet throws(KeyStoreError) in
                try applet.read(slot.certificateObject) != nil
            }
            guard isThere else {
                throw KeyStoreError(.noSuchCertificate, "there is no certificate in the slot \(slot.text)")
            }
            _ = try performManaged(operation) { applet throws(KeyStoreError) in try applet.removeCertificates(of: slot)
            }
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }

    /// The certificate with its issuers, as far as each has signed the one before it: a program that does not know of the issuers
    /// may have stored another certificate.
    private static func chain(from own: [UInt8], _ issuers: [[UInt8]]) -> [[UInt8]] {
        var chain = [own]
        for issuer in issuers {
            guard let last = chain.last, let child = try? Certificate(der: last),
                let parent = try? Certificate(der: issuer),
                child.isIssued(by: parent)
            else { break }
            chain.append(issuer)
        }
        return chain
    }

    /// The slot that a reference names, whether or not there is a key in it; else that of the one key that it matches.
    private func certificateSlot(at uri: KeyStoreURI) throws(KeyStoreError) -> Slot {
        let wanted = try PIVURI(uri)
        if isFor(wanted), let slot = wanted.slot { return slot }
        return try onlyRecord(at: uri).slot
    }

    /// The longest object that a YubiKey takes, in bytes.
    private static let maximumObjectLength = 3052
}
