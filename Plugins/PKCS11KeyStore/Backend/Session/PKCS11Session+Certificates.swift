import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// Certificates beside keys: the key's own has the key's id and label; its issuers have an id of their own, made from their
/// public key, and are found by their subject. An issuer that several keys share is stored once.
extension PKCS11Session: CertificateBackendSession {
    func certificates(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        try perform("read certificates") { () throws(KeyStoreError) in
            let owner = try owner(at: uri, "read certificates")
            guard let own = try ownCertificates(of: owner).first else {
                throw KeyStoreError(
                    .noSuchCertificate, "there is no certificate beside the key", operation: "read certificates",
                    subject: uri.text)
            }
            var seen: Set<Certificate> = []
            return try chain(from: [own.certificate], &seen).map(\.der)
        }
    }

    func store(_ certificates: [[UInt8]], at uri: KeyStoreURI) throws(KeyStoreError) {
        try perform("store certificates") { () throws(KeyStoreError) in
            try demandWritable("store certificates")
            guard !certificates.isEmpty, certificates.count <= Self.maximumChainLength else {
                throw KeyStoreError(
                    .invalidData, "give 1 to \(Self.maximumChainLength) certificates, the key's own first",
                    operation: "store certificates", subject: uri.text)
            }
            var chain: [Certificate] = []
            for der in certificates {
                do throws(KeyStoreError) { chain.append(try Certificate(der: der)) } catch {
                    throw error.during("store certificates", of: uri.text)
                }
            }
            // Certificates could be stored without a login on some tokens, and not seen to be for another key.
            let owner = try owner(at: uri, "store certificates")
            try logIn()
            guard try chain[0].publicKey == owner.publicKey else {
                throw KeyStoreError(
                    .invalidData, "the certificate is for another public key than the key's",
                    operation: "store certificates",
                    subject: uri.text)
            }
            let old = try ownCertificates(of: owner)
            var made: [CK_OBJECT_HANDLE] = []
            do throws(KeyStoreError) {
                // One at a time on each token, as keys are made, so that an issuer that several keys share is stored once.
                try connection.naming.withLock { (_) throws(KeyStoreError) in
                    // Issuers first: a chain that breaks off must not be the one that is found.
                    for issuer in chain.dropFirst() where try !isStored(issuer) {
                        made.append(try create(issuer, id: try Self.issuerID(issuer), label: []))
                    }
                    if !old.contains(where: { $0.certificate == chain[0] }) {
                        made.append(try create(chain[0], id: owner.id, label: owner.label))
                    }
                }
            } catch {
                removeRemains(made)
                throw error.during("store certificates", of: uri.text)
            }
            for replaced in old where replaced.certificate != chain[0] {
                try destroy(replaced.handle, "store certificates")
                try removeIssuers(of: replaced.certificate)
            }

        }
    }

    func removeCertificates(at uri: KeyStoreURI) throws(KeyStoreError) {
        try perform("remove certificates") { () throws(KeyStoreError) in
            try demandWritable("remove certificates")
            let owner = try owner(at: uri, "remove certificates")
            try logIn()
            guard try removeCertificates(of: owner) else {
                throw KeyStoreError(
                    .noSuchCertificate, "there is no certificate beside the key", operation: "remove certificates",
                    subject: uri.text)
            }

        }
    }

    /// Removes the certificates of a key. False if there was none.
    func removeCertificates(of owner: KeyIdentity) throws(KeyStoreError) -> Bool {
        let own = try ownCertificates(of: owner)
        for certificate in own {
            try destroy(certificate.handle, "remove certificates")
            try removeIssuers(of: certificate.certificate)
        }
        return !own.isEmpty
    }

    /// The certificates with their issuers behind them, as far as the token has those. Where it has several for one issuer, as
    /// for one that others have signed too or that has a new key, the chain that ends at a root is preferred, and else the
    /// longest. Each certificate is looked at once, and no issuer comes twice, so that issuers in a ring end.
    private func chain(
        from chain: [Certificate], _ seen: inout Set<Certificate>
    ) throws(KeyStoreError) -> [Certificate] {
        guard chain.count < Self.maximumChainLength, let last = chain.last, last.subjectDER != last.issuerDER else {
            return chain
        }
        var best = chain
        for issuer in try stored(subject: last.issuerDER).map(\.certificate)
        where last.isIssued(by: issuer) && !chain.contains(where: { $0.isOfSameOwner(as: issuer) }) {
            guard seen.insert(issuer).inserted else { continue }
            let longer = try self.chain(from: chain + [issuer], &seen)
            if let end = longer.last, end.subjectDER == end.issuerDER { return longer }
            if longer.count > best.count { best = longer }
        }
        return best
    }

    /// The public key of the one certificate with the id or label; nil where there is none, or several for different keys.
    func certifiedKey(id: [UInt8]?, label: [UInt8]?) throws(KeyStoreError) -> PublicKey? {
        var keys: Set<PublicKey> = []
        for found in try stored(id: id, label: label) {
            if let key = try? found.certificate.publicKey { keys.insert(key) }
        }
        return keys.count == 1 ? keys.first : nil
    }

    // MARK: Objects

    /// A certificate object.
    struct Stored {
        let handle: CK_OBJECT_HANDLE
        let id: [UInt8]
        let certificate: Certificate
    }

    func ownCertificates(of owner: KeyIdentity) throws(KeyStoreError) -> [Stored] {
        let found = try stored(
            id: owner.id.isEmpty ? nil : owner.id, label: owner.id.isEmpty ? owner.label : nil)
        return found.filter { (try? $0.certificate.publicKey) == owner.publicKey }
    }

    private func stored(id: [UInt8]?, label: [UInt8]?) throws(KeyStoreError) -> [Stored] {
        var template = AttributeTemplate()
        template.add(CKA_CLASS, CKO_CERTIFICATE)
        if let id { template.add(CKA_ID, id) }
        if let label { template.add(CKA_LABEL, label) }
        return try readCertificates(try find(template))
    }

    private func stored(subject: [UInt8]) throws(KeyStoreError) -> [Stored] {
        var template = AttributeTemplate()
        template.add(CKA_CLASS, CKO_CERTIFICATE)
        template.add(CKA_SUBJECT, subject)
        return try readCertificates(try find(template))
    }

    /// Objects that hold no X.509 certificate that can be read are passed over: tokens hold others' objects too.
    private func readCertificates(_ handles: [CK_OBJECT_HANDLE]) throws(KeyStoreError) -> [Stored] {
        let reader = AttributeReader([(CKA_VALUE, 4096), (CKA_ID, 64)])
        var certificates: [Stored] = []
        for object in handles {
            try reader.read(cryptoki, handle, object)
            guard let der = reader.bytes(0), let certificate = try? Certificate(der: der) else { continue }
            certificates.append(Stored(handle: object, id: reader.bytes(1) ?? [], certificate: certificate))
        }
        return certificates
    }

    private func isStored(_ certificate: Certificate) throws(KeyStoreError) -> Bool {
        try stored(subject: certificate.subjectDER).contains { $0.certificate == certificate }
    }

    private func create(
        _ certificate: Certificate, id: [UInt8], label: [UInt8]
    ) throws(KeyStoreError) -> CK_OBJECT_HANDLE {
        var template = AttributeTemplate()
        template.add(CKA_CLASS, CKO_CERTIFICATE)
        template.add(CKA_CERTIFICATE_TYPE, CKC_X_509)
        template.add(CKA_TOKEN, true)
        template.add(CKA_PRIVATE, false)
        template.add(CKA_ID, id)
        if !label.isEmpty { template.add(CKA_LABEL, label) }
        template.add(CKA_SUBJECT, certificate.subjectDER)
        // Optional by the standard, demanded by NSS.
        template.add(CKA_ISSUER, certificate.issuerDER)
        template.add(CKA_SERIAL_NUMBER, certificate.serialNumberDER)
        template.add(CKA_VALUE, certificate.der)
        try willChangeToken()
        var object: CK_OBJECT_HANDLE = 0
        let result = template.withAttributes { attributes, count in
            connection.objects.changing { cryptoki.createObject(handle, attributes, count, &object) }
        }
        try Cryptoki.check(result, "C_CreateObject", during: "store certificates")
        return object
    }

    /// Removes the issuers that this backend stored, unless another certificate on the token has need of them.
    private func removeIssuers(of certificate: Certificate) throws(KeyStoreError) {
        guard certificate.subjectDER != certificate.issuerDER else { return }
        var template = AttributeTemplate()
        template.add(CKA_CLASS, CKO_CERTIFICATE)
        template.add(CKA_ISSUER, certificate.issuerDER)
        let issued = try readCertificates(try find(template)).filter {
            $0.certificate.subjectDER != $0.certificate.issuerDER
        }
        guard issued.isEmpty else { return }
        for issuer in try stored(subject: certificate.issuerDER) {
            guard issuer.id == (try Self.issuerID(issuer.certificate)) else { continue }
            try destroy(issuer.handle, "remove certificates")
            try removeIssuers(of: issuer.certificate)
        }
    }

    /// The first 20 bytes of the public key's SHA-256: what tells the issuers that this backend stored from others'. The
    /// certificate takes the key's place where its kind is not known here.
    private static func issuerID(_ certificate: Certificate) throws(KeyStoreError) -> [UInt8] {
        let key = (try? certificate.publicKey.der) ?? certificate.der
        let digest = try key.withRawBytes { bytes throws(KeyStoreError) in try Digest.compute(bytes, .sha256) }
        return Array(digest.prefix(20))
    }

    private static let maximumChainLength = 8
}
