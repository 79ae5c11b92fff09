internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A certificate about to be signed (RFC 5280 §4.1).
struct CertificateTemplate {
    /// The serial number, big-endian; positive and without leading zero bytes is the caller's duty.
    var serial: [UInt8]
    /// The subject as a Name in DER.
    var subjectDER: [UInt8]
    /// The subject's public key as SubjectPublicKeyInfo DER, embedded as it is.
    var publicKeyDER: [UInt8]
    var notBefore: Date
    var notAfter: Date
    var extensions: [Certificate.Extension]

    /// Signs the certificate and returns its DER.
    func der(issuerDER: [UInt8], signedBy key: SigningKey) throws -> [UInt8] {
        let algorithm = try key.certificateAlgorithmDER
        var contents = DER.Serializer()
        try contents.appendConstructedNode(identifier: .sequence) { contents in
            try contents.serialize(2, explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific)
            contents.appendPrimitiveNode(identifier: .integer) { bytes in
                if serial[0] >= 0x80 { bytes.append(0) }
                bytes.append(contentsOf: serial)
            }
            contents.serializeRawBytes(algorithm)
            contents.serializeRawBytes(issuerDER)
            try contents.appendConstructedNode(identifier: .sequence) { validity in
                try CertificateTemplate.serialize(notBefore, into: &validity)
                try CertificateTemplate.serialize(notAfter, into: &validity)
            }
            contents.serializeRawBytes(subjectDER)
            contents.serializeRawBytes(publicKeyDER)
            try contents.serialize(explicitlyTaggedWithTagNumber: 3, tagClass: .contextSpecific) { contents in
                try contents.serializeSequenceOf(extensions)
            }
        }
        let signature = try key.certificateSignature(of: contents.serializedBytes)
        var certificate = DER.Serializer()
        try certificate.appendConstructedNode(identifier: .sequence) { certificate in
            certificate.serializeRawBytes(contents.serializedBytes)
            certificate.serializeRawBytes(algorithm)
            try certificate.serialize(ASN1BitString(bytes: signature[...]))
        }
        return certificate.serializedBytes
    }

    /// UTCTime through 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5).
    private static func serialize(_ date: Date, into serializer: inout DER.Serializer) throws {
        let time = CalendarTime(date)
        if (1950..<2050).contains(time.year) {
            try serializer.serialize(
                UTCTime(
                    year: time.year, month: time.month, day: time.day, hours: time.hour, minutes: time.minute,
                    seconds: time.second))
        } else {
            try serializer.serialize(
                GeneralizedTime(
                    year: time.year, month: time.month, day: time.day, hours: time.hour, minutes: time.minute,
                    seconds: time.second, fractionalSeconds: 0))
        }
    }
}
