/// A certificate as an object's contents (SP 800-73-4 part 1, appendix A).
enum CertificateObject {
    static func encode(_ certificate: [UInt8], isCompressed: Bool = false) -> [UInt8] {
        [TLV(0x70, certificate), TLV(0x71, [isCompressed ? 1 : 0]), TLV(0xFE, [])].encoded
    }

    /// The certificate, compressed or not.
    static func decode(_ contents: [UInt8]) -> [UInt8]? { (try? TLV.parse(contents))?[tag: 0x70] }
}
