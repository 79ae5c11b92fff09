import KeyStoreCore
import SwiftASN1
import X509

extension PublicKey {
    /// The longest file that is read, in bytes.
    private static let maximumFileLength = 65536

    /// The public key of a file, which holds one in PEM or DER, or a certificate. Throws `badData`, naming the file.
    init(file: InputFile) throws {
        guard let der = Self.subjectPublicKeyInfo(in: try file.read(limit: Self.maximumFileLength)) else {
            throw CommandFailure.badData(
                "\(file.name) holds neither a public key nor a certificate that can be read", subject: file.path)
        }
        do throws(KeyStoreError) {
            try self.init(der: der)
        } catch {
            throw CommandFailure.badData("\(file.name) cannot be used: \(error.message)", subject: file.path)
        }
    }

    /// The public key of the first of certificates in DER, which came from the named file. Throws `badData`.
    init(certificates: [[UInt8]], name: String) throws {
        guard let first = certificates.first, let der = Self.subjectPublicKeyInfo(ofCertificate: first) else {
            throw CommandFailure.badData("\(name) holds no certificate that can be read", subject: name)
        }
        do throws(KeyStoreError) {
            try self.init(der: der)
        } catch {
            throw CommandFailure.badData("\(name) cannot be used: \(error.message)", subject: name)
        }
    }

    private static func subjectPublicKeyInfo(in contents: [UInt8]) -> [UInt8]? {
        // A SEQUENCE: whichever of the two it is.
        if contents.first == 0x30 { return subjectPublicKeyInfo(ofCertificate: contents) ?? contents }
        guard let text = String(validating: contents, as: UTF8.self),
            let blocks = try? PEMDocument.parseMultiple(pemString: text)
        else { return nil }
        for block in blocks {
            switch block.discriminator {
            case "PUBLIC KEY": return block.derBytes
            case "CERTIFICATE": return subjectPublicKeyInfo(ofCertificate: block.derBytes)
            default: continue
            }
        }
        return nil
    }

    private static func subjectPublicKeyInfo(ofCertificate der: [UInt8]) -> [UInt8]? {
        guard let certificate = try? Certificate(derEncoded: der) else {
            return AgreementCertificate(der: der)?.publicKeyDER
        }
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(certificate.publicKey)) != nil else { return nil }
        return serializer.serializedBytes
    }
}
