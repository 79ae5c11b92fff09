public import FoundationEssentials
import SwiftASN1
public import X509

/// What an attestation certificate says, as bytes that go into its extensions as they are; nil leaves one out. The usual one
/// is that of a USB-A keychain with firmware 5.4.3 and a key in 9a with PIN once and touch never.
public struct DeviceStatement: Sendable {
    /// The subject's common name.
    public var name = "YubiKey PIV Attestation 9a"
    /// The firmware's three numbers.
    public var firmware: [UInt8]? = [5, 4, 3]
    /// The serial number, a DER INTEGER.
    public var serial: [UInt8]? = [0x02, 0x03, 0x01, 0xB6, 0x69]
    /// The PIN policy, then the touch policy.
    public var policies: [UInt8]? = [2, 1]
    /// The form factor.
    public var formFactor: [UInt8]? = [1]
    /// From when to when it is valid. Devices copy the dates of their own certificate.
    public var dates: ClosedRange<Date> = .usual
    /// What stands in the certificate besides.
    public var others: [Certificate.Extension] = []

    /// The serial number that the usual statement names.
    public static let usualSerial: UInt64 = 112_233

    /// The usual statement.
    public init() {}

    /// The usual statement, changed.
    public init(_ change: (inout DeviceStatement) -> Void) {
        change(&self)
    }

    func form() -> CertificateForm {
        let values: [(last: UInt, value: [UInt8]?)] = [(3, firmware), (7, serial), (8, policies), (9, formFactor)]
        let extensions = values.compactMap { last, value in
            value.map {
                Certificate.Extension(oid: [1, 3, 6, 1, 4, 1, 41482, 3, last], critical: false, value: $0[...])
            }
        }
        return CertificateForm(subject: name, dates: dates, extensions: extensions + others)
    }
}
