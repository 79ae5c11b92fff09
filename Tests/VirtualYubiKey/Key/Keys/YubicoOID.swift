/// The object identifiers of an attestation certificate's extensions.
enum YubicoOID {
    static let firmware = "1.3.6.1.4.1.41482.3.3"
    static let serialNumber = "1.3.6.1.4.1.41482.3.7"
    static let policies = "1.3.6.1.4.1.41482.3.8"
    static let formFactor = "1.3.6.1.4.1.41482.3.9"
}
