import FoundationEssentials
import SwiftASN1
import X509

extension AttestationBundle {
    /// Only its version is read first: a later format may differ in everything else.
    private struct Version: Decodable { var format: Int }

    /// Reads a bundle. Throws `bundleTooLarge`, `bundleMalformed`, naming the field, and `certificateMalformed`.
    public init(json bytes: [UInt8]) throws(AttestationError) {
        guard bytes.count <= Self.maximumLength else {
            throw AttestationError(.bundleTooLarge, "the attestation is longer than \(Self.maximumLength) bytes")
        }
        let contents = try Self.decode(bytes).attestation
        let texts: [(String, String?)] = [
            ("uri", contents.uri), ("slot", contents.slot), ("firmware", contents.firmware),
            ("formFactor", contents.formFactor), ("pinPolicy", contents.pinPolicy),
            ("touchPolicy", contents.touchPolicy), ("publicKeySHA256", contents.publicKeySHA256),
        ]
        for (field, text) in texts {
            guard let text, text.utf8.count > 4096 || text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
                continue
            }
            throw Self.malformed("has what cannot be in '\(field)'")
        }
        var createdAt: Date?
        if let text = contents.createdAt {
            createdAt = try? Date(text, strategy: .iso8601)
            guard createdAt != nil else { throw Self.malformed("has no date in 'createdAt'") }
        }
        var stated = StatedAttestation()
        stated.slot = contents.slot
        stated.serial = contents.serial
        stated.firmware = contents.firmware
        stated.formFactor = contents.formFactor
        stated.pinPolicy = contents.pinPolicy
        stated.touchPolicy = contents.touchPolicy
        stated.publicKeySHA256 = contents.publicKeySHA256
        let chain = contents.chain.isEmpty ? [] : try Self.blocks(contents.chain, "chain")
        try self.init(
            uri: contents.uri ?? "", createdAt: createdAt, stated: stated,
            attestationCertificate: try Self.block(contents.attestationCertificate, "attestationCertificate"),
            chain: chain,
            keyCertificate: try contents.keyCertificate.map { (text) throws(AttestationError) in
                try Self.block(text, "keyCertificate")
            })
    }

    /// The bundle's JSON: one line, and a newline.
    public func json() throws(AttestationError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let contents = BundleContents(
            format: 1,
            attestation: .init(
                uri: uri.isEmpty ? nil : uri, createdAt: createdAt?.formatted(.iso8601), slot: stated.slot,
                serial: stated.serial, firmware: stated.firmware, formFactor: stated.formFactor,
                pinPolicy: stated.pinPolicy, touchPolicy: stated.touchPolicy, publicKeySHA256: stated.publicKeySHA256,
                keyCertificate: keyCertificate.map { CertificateText.pem([$0]) },
                attestationCertificate: CertificateText.pem([attestationCertificate]), chain: CertificateText.pem(chain)
            ))
        do {
            return Array(try encoder.encode(contents)) + [0x0A]
        } catch {
            throw AttestationError(.bundleMalformed, "the attestation cannot be encoded")
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(AttestationError) -> BundleContents {
        let data = Data(bytes)
        do {
            let version = try JSONDecoder().decode(Version.self, from: data)
            guard version.format == 1 else {
                throw malformed("is of format \(version.format), which is not known here")
            }
            return try JSONDecoder().decode(BundleContents.self, from: data)
        } catch let error as AttestationError {
            throw error
        } catch let error as DecodingError {
            throw malformed(reason(error))
        } catch {
            throw malformed("is no JSON")
        }
    }

    private static func block(_ text: String, _ field: String) throws(AttestationError) -> [UInt8] {
        let blocks = try blocks(text, field)
        guard blocks.count == 1 else { throw malformed("has \(blocks.count) certificates in '\(field)', not one") }
        return blocks[0]
    }

    private static func blocks(_ text: String, _ field: String) throws(AttestationError) -> [[UInt8]] {
        guard let documents = try? PEMDocument.parseMultiple(pemString: text), !documents.isEmpty,
            documents.allSatisfy({ $0.discriminator == Certificate.defaultPEMDiscriminator })
        else { throw malformed("has what is no certificate in PEM in '\(field)'") }
        return documents.map(\.derBytes)
    }

    private static func reason(_ error: DecodingError) -> String {
        func name(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context): return "lacks '\(name(context.codingPath + [key]))'"
        case .valueNotFound(_, let context): return "has nothing in '\(name(context.codingPath))'"
        case .typeMismatch(_, let context):
            guard !context.codingPath.isEmpty else { return "is no JSON object" }
            return "has a value of the wrong kind in '\(name(context.codingPath))'"
        default: return "is no JSON, or was cut short"
        }
    }

    private static func malformed(_ reason: String) -> AttestationError {
        AttestationError(.bundleMalformed, "the attestation \(reason)")
    }
}
