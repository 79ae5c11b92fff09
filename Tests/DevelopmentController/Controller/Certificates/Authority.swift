internal import Crypto
internal import FoundationEssentials
internal import Glibc
internal import SwiftASN1
internal import X509

/// The controller's PKI: a root, an intermediate that signs servers and clients, and the server's leaf.
///
/// Names, key usages and extensions are those of a quickstart's PKI as recorded, down to a server leaf without an
/// extended key usage. All keys are of one type.
struct Authority: Sendable {
    let keyType: ServerKeyType
    /// DER.
    let root: [UInt8]
    /// DER.
    let intermediate: [UInt8]
    let intermediateKey: SigningKey
    /// DER.
    private(set) var server: [UInt8]
    let serverKey: SigningKey

    /// Makes a new PKI, valid from a minute before `now`; CAs for ten years, the server for one.
    init(keyType: ServerKeyType, hostNames: [String], addresses: [String], now: Date) throws {
        self.keyType = keyType
        let rootKey = try SigningKey(keyType)
        intermediateKey = try SigningKey(keyType)
        serverKey = try SigningKey(keyType)
        let rootName = try Authority.name("root-ca")
        let intermediateName = try Authority.name("intermediate-ca")
        let notBefore = now.addingTimeInterval(-60)
        let decade = now.addingTimeInterval(3650 * 86_400)
        let spiffe = GeneralName.uniformResourceIdentifier("spiffe://quickstart")
        func authority(_ subject: [UInt8], _ key: SigningKey, _ issuerKey: SigningKey, pathLength: Int?) throws
            -> CertificateTemplate
        {
            CertificateTemplate(
                serial: Authority.serial(), subjectDER: subject, publicKeyDER: key.publicKeyDER, notBefore: notBefore,
                notAfter: decade,
                extensions: [
                    try .init(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true), critical: true),
                    try .init(BasicConstraints.isCertificateAuthority(maxPathLength: pathLength), critical: true),
                    try .init(SubjectKeyIdentifier(keyIdentifier: Authority.keyIdentifier(key)), critical: false),
                    try .init(
                        AuthorityKeyIdentifier(keyIdentifier: Authority.keyIdentifier(issuerKey)), critical: false),
                    try .init(SubjectAlternativeNames([spiffe]), critical: false),
                ])
        }
        root = try authority(rootName, rootKey, rootKey, pathLength: nil).der(issuerDER: rootName, signedBy: rootKey)
        intermediate = try authority(intermediateName, intermediateKey, rootKey, pathLength: 1)
            .der(issuerDER: rootName, signedBy: rootKey)
        server = try Authority.server(
            serverKey, issuerKey: intermediateKey, hostNames: hostNames, addresses: addresses, now: now)
    }

    /// The PKI of another controller of the network: its own server certificate below the same CA.
    init(peerOf other: Authority, hostNames: [String], addresses: [String], now: Date) throws {
        keyType = other.keyType
        root = other.root
        intermediate = other.intermediate
        intermediateKey = other.intermediateKey
        serverKey = try SigningKey(other.keyType)
        server = try Authority.server(
            serverKey, issuerKey: intermediateKey, hostNames: hostNames, addresses: addresses, now: now)
    }

    /// The same PKI with a server certificate that has a flaw. The server's key stays, and what is stored does too.
    func impaired(_ flaw: ServerFlaw?, _ now: Date) throws -> Authority {
        guard let flaw, flaw == .expired || flaw == .otherHost else { return self }
        var changed = self
        changed.server = try Authority.server(
            serverKey, issuerKey: intermediateKey, hostNames: flaw == .otherHost ? ["other.example"] : ["localhost"],
            addresses: flaw == .otherHost ? [] : ["127.0.0.1", "::1"],
            now: flaw == .expired ? now.addingTimeInterval(-366 * 86_400) : now)
        return changed
    }

    private static func server(
        _ serverKey: SigningKey, issuerKey: SigningKey, hostNames: [String], addresses: [String], now: Date
    ) throws -> [UInt8] {
        var names = hostNames.map { GeneralName.dnsName($0) }
        for address in addresses { names.append(.ipAddress(try Authority.addressBytes(address))) }
        names.append(.uniformResourceIdentifier("spiffe://quickstart/controller/quickstart"))
        return try CertificateTemplate(
            serial: Authority.serial(), subjectDER: Authority.name("quickstart"), publicKeyDER: serverKey.publicKeyDER,
            notBefore: now.addingTimeInterval(-60), notAfter: now.addingTimeInterval(365 * 86_400),
            extensions: [
                try .init(
                    KeyUsage(digitalSignature: true, nonRepudiation: true, keyEncipherment: true), critical: true),
                try .init(BasicConstraints.notCertificateAuthority, critical: true),
                try .init(SubjectKeyIdentifier(keyIdentifier: Authority.keyIdentifier(serverKey)), critical: false),
                try .init(
                    AuthorityKeyIdentifier(keyIdentifier: Authority.keyIdentifier(issuerKey)), critical: false),
                try .init(SubjectAlternativeNames(names), critical: false),
            ]
        ).der(issuerDER: Authority.name("intermediate-ca"), signedBy: issuerKey)
    }

    /// Reads a PKI that `record` has written. The root's private key is not kept: nothing more is signed with it.
    init(_ record: AuthorityRecord) throws {
        func der(_ pem: String) throws -> [UInt8] {
            guard let (der, _) = PEM.decode(pem) else {
                throw ControllerError("the controller's PKI file holds a certificate that is not PEM")
            }
            return der
        }
        keyType = record.keyType
        root = try der(record.root)
        intermediate = try der(record.intermediate)
        intermediateKey = try SigningKey(record.keyType, pem: record.intermediateKey)
        server = try der(record.server)
        serverKey = try SigningKey(record.keyType, pem: record.serverKey)
    }

    /// What is stored of the PKI.
    var record: AuthorityRecord {
        AuthorityRecord(
            keyType: keyType, root: PEM.block("CERTIFICATE", root),
            intermediate: PEM.block("CERTIFICATE", intermediate), intermediateKey: intermediateKey.pem,
            server: PEM.block("CERTIFICATE", server), serverKey: serverKey.pem)
    }

    /// Signs a client certificate: subject and key as the request has them, one year from `now`.
    ///
    /// With an identity, its SPIFFE id is the alternative name. Returns the leaf's DER. Its chain is the leaf and the intermediate, without the root.
    func issueClient(subjectDER: [UInt8], publicKeyDER: [UInt8], identityID: String? = nil, now: Date) throws -> [UInt8]
    {
        // The same day next year, as Go's AddDate(1, 0, 0) counts.
        let time = CalendarTime(now)
        let leap = time.year % 4 == 0 && (time.year % 100 != 0 || time.year % 400 == 0)
        let next = time.year + 1
        let nextIsLeap = next % 4 == 0 && (next % 100 != 0 || next % 400 == 0)
        let days = (leap && time.month <= 2) || (nextIsLeap && time.month > 2) ? 366 : 365
        var names: [Certificate.Extension] = []
        if let identityID {
            let id = GeneralName.uniformResourceIdentifier("spiffe://quickstart/identity/\(identityID)")
            names = [try .init(SubjectAlternativeNames([id]), critical: false)]
        }
        return try CertificateTemplate(
            serial: Authority.serial(), subjectDER: subjectDER, publicKeyDER: publicKeyDER,
            notBefore: now.addingTimeInterval(-60), notAfter: now.addingTimeInterval(Double(days) * 86_400),
            extensions: [
                try .init(
                    KeyUsage(digitalSignature: true, keyEncipherment: true, dataEncipherment: true), critical: true),
                try .init(ExtendedKeyUsage([.clientAuth]), critical: false),
                try .init(
                    AuthorityKeyIdentifier(keyIdentifier: Authority.keyIdentifier(intermediateKey)), critical: false),
            ] + names
        ).der(issuerDER: Authority.name("intermediate-ca"), signedBy: intermediateKey)
    }

    /// The text of the chain that an enrollment is answered with.
    func chainPEM(leaf: [UInt8]) -> String {
        PEM.block("CERTIFICATE", leaf) + PEM.block("CERTIFICATE", intermediate)
    }

    /// The text of the CA certificates that an extension is answered with: each after an empty line.
    var bundlePEM: String {
        "\n" + PEM.block("CERTIFICATE", intermediate) + "\n" + PEM.block("CERTIFICATE", root)
    }

    /// The fingerprint of the server's leaf, which is the `kid` of the JWTs.
    var serverFingerprint: String { Identifier.fingerprint(ofCertificate: server) }

    /// Twenty random bytes with the top bit clear and a first byte that is not zero (RFC 5280 §4.1.2.2).
    static func serial() -> [UInt8] {
        [UInt8.random(in: 1...0x7F)] + (0..<19).map { _ in UInt8.random(in: .min ... .max) }
    }

    static func name(_ commonName: String) throws -> [UInt8] {
        let name = try DistinguishedName {
            CountryName("US")
            LocalityName("Charlotte")
            OrganizationName("NetFoundry")
            OrganizationalUnitName("ADV-DEV")
            CommonName(commonName)
        }
        var serializer = DER.Serializer()
        try serializer.serialize(name)
        return serializer.serializedBytes
    }

    /// Method 1 of RFC 5280 §4.2.1.2.
    private static func keyIdentifier(_ key: SigningKey) throws -> ArraySlice<UInt8> {
        Array(Insecure.SHA1.hash(data: try PublicKeyFields(der: key.publicKeyDER).key))[...]
    }

    /// The address as a SubjectAltName holds it: four or sixteen bytes (RFC 5280 §4.2.1.6).
    private static func addressBytes(_ text: String) throws -> ASN1OctetString {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return ASN1OctetString(contentBytes: bytes[..<4]) }
        if inet_pton(AF_INET6, text, &bytes) == 1 { return ASN1OctetString(contentBytes: bytes[...]) }
        throw ControllerError("\(text) is not an IP address")
    }
}
