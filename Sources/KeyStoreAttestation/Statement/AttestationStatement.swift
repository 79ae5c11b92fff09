import Crypto
public import KeyStoreCore
import SwiftASN1
import X509

/// What a device says of a key in an attestation certificate.
///
/// It is worth what the certificate's signature is worth: only `AttestationVerifier` says whether a device said it.
public struct AttestationStatement: Hashable, Sendable {
    /// The key.
    public let publicKey: PublicKey
    /// The device's firmware.
    public let firmware: FirmwareVersion
    /// The device's serial number; nil where it does not say, as before firmware 5.
    public let serial: UInt64?
    /// How often the key asks for its PIN.
    public let pinPolicy: AttestedPINPolicy
    /// How often the key asks to be touched.
    public let touchPolicy: AttestedTouchPolicy
    /// What the device looks like; nil where it does not say, as before firmware 5.
    public let formFactor: FormFactor?
    /// Where on the device the key is: two lower-case hexadecimal digits.
    public let slot: String

    /// SHA-256 of the key's SubjectPublicKeyInfo.
    public var publicKeyFingerprint: [UInt8] { Array(SHA256.hash(data: publicKey.der)) }

    /// What stands before the slot in the common name of every attestation certificate.
    private static let namePrefix = "YubiKey PIV Attestation "

    /// Reads the statement out of a certificate, without any judgement of who signed it. Throws `statementMissing` and
    /// `statementMalformed`.
    init(_ attested: AttestedCertificate) throws(AttestationError) {
        let certificate = attested.certificate
        // Bytes as they are, where DER is usual; only the serial number is a DER value.
        guard let firmware = try Self.value(.attestedFirmware, "firmware version", of: certificate, lengths: 3...3)
        else {
            throw Self.missing("the firmware version")
        }
        guard let policies = try Self.value(.attestedPolicies, "policies", of: certificate, lengths: 2...2) else {
            throw Self.missing("the policies for PIN and touch")
        }
        self.firmware = FirmwareVersion(firmware[0], firmware[1], firmware[2])
        pinPolicy = AttestedPINPolicy(rawValue: policies[0])
        touchPolicy = AttestedTouchPolicy(rawValue: policies[1])
        formFactor = try Self.value(.attestedFormFactor, "form factor", of: certificate, lengths: 1...1)
            .map { FormFactor(rawValue: $0[0]) }
        if let serial = try Self.value(.attestedSerial, "serial number", of: certificate, lengths: 3...16) {
            guard let number = try? UInt64(derEncoded: serial) else { throw Self.malformed("the serial number") }
            self.serial = number
        } else {
            serial = nil
        }
        slot = try Self.slot(of: certificate)
        publicKey = attested.publicKey
    }

    private static func value(
        _ identifier: ASN1ObjectIdentifier, _ name: String, of certificate: Certificate, lengths: ClosedRange<Int>
    ) throws(AttestationError) -> [UInt8]? {
        guard let found = certificate.extensions[oid: identifier] else { return nil }
        guard lengths.contains(found.value.count) else { throw malformed("the \(name)") }
        return Array(found.value)
    }

    private static func slot(of certificate: Certificate) throws(AttestationError) -> String {
        for name in certificate.subject {
            for attribute in name where attribute.type == .RDNAttributeType.commonName {
                guard let text = String(attribute.value), text.hasPrefix(namePrefix) else { continue }
                let digits = text.dropFirst(namePrefix.count).lowercased()
                guard digits.utf8.count == 2, UInt8(digits, radix: 16) != nil, digits.first != "+" else {
                    throw malformed("the slot")
                }
                return digits
            }
        }
        throw missing("the slot")
    }

    private static func missing(_ what: String) -> AttestationError {
        AttestationError(.statementMissing, "the attestation certificate does not say \(what)")
    }

    private static func malformed(_ what: String) -> AttestationError {
        AttestationError(.statementMalformed, "\(what) in the attestation certificate cannot be understood")
    }
}

extension ASN1ObjectIdentifier {
    /// The device's firmware, 3 bytes.
    static let attestedFirmware: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 3]
    /// The device's serial number, a DER INTEGER.
    static let attestedSerial: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 7]
    /// The key's PIN policy and touch policy, 2 bytes. Only attestation certificates have it.
    static let attestedPolicies: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 8]
    /// The device's form factor, 1 byte.
    static let attestedFormFactor: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 9]
}
