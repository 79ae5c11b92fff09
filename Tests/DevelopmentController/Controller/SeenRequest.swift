/// One request as the controller saw it.
public struct SeenRequest: Sendable {
    /// The HTTP verb.
    public let method: String
    /// The path as it was sent, before rewriting and without the query.
    public let path: String
    /// The query as it was sent, with the enrollment token masked.
    public let query: String
    /// The TLS version that was negotiated: `1.2` or `1.3`.
    public let tlsVersion: String
    /// How many certificates the client presented; leaf and intermediate are two.
    public let presentedCertificates: Int
    /// The lower-case hexadecimal SHA-1 of the leaf that the client presented.
    public let leafFingerprint: String?
    /// The public key of that leaf as SubjectPublicKeyInfo DER.
    public let leafPublicKeyDER: [UInt8]?
    /// The HTTP status of the answer; nil if a scripted fault kept the answer back.
    public let status: Int?
}
