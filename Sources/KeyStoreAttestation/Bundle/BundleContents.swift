/// The JSON of a bundle. Members that are not known are passed over.
struct BundleContents: Codable {
    struct Attestation: Codable {
        var uri: String?
        var createdAt: String?
        var slot: String?
        var serial: UInt64?
        var firmware: String?
        var formFactor: String?
        var pinPolicy: String?
        var touchPolicy: String?
        var publicKeySHA256: String?
        var keyCertificate: String?
        var attestationCertificate: String
        var chain: String
    }

    var format: Int
    var attestation: Attestation
}
