import KeyStoreCore
import LibCrypto
import SoftHSMTokens
import Testing

/// Certificates made by `openssl`, DER.
enum TestCertificates {
    /// For a key that nobody keeps.
    static func selfSigned(_ name: String = "/CN=alone") throws -> [UInt8] {
        let (key, certificate) = try authority(name)
        _ = key
        return certificate
    }

    /// For a public key, by an authority or one made for the purpose.
    static func issued(
        for key: PublicKey, by issuer: (key: String, certificate: [UInt8])? = nil, name: String = "/CN=leaf"
    ) throws -> [UInt8] {
        let issuer = try issuer ?? authority("/CN=issuer")
        let (request, subjectKey) = try request(name)
        _ = subjectKey
        let certificate = try Tool.file()
        try Tool.succeed([
            "openssl", "x509", "-req", "-in", request, "-CA", try Tool.file(issuer.certificate), "-CAkey", issuer.key,
            "-force_pubkey", try Tool.file(key.der), "-outform", "DER", "-out", certificate, "-days", "1",
            "-set_serial", "\(UInt32.random(in: 1...UInt32.max))",
        ])
        return try Tool.bytes(of: certificate)
    }

    /// An authority: the file of its key, and its certificate, which `issuer` signs or it itself.
    static func authority(
        _ name: String, by issuer: (key: String, certificate: [UInt8])? = nil
    ) throws -> (key: String, certificate: [UInt8]) {
        let (request, key) = try request(name)
        let certificate = try Tool.file()
        var arguments = [
            "openssl", "x509", "-req", "-in", request, "-outform", "DER", "-out", certificate, "-days", "1",
        ]
        if let issuer {
            arguments += ["-CA", try Tool.file(issuer.certificate), "-CAkey", issuer.key]
        } else {
            arguments += ["-key", key]
        }
        try Tool.succeed(arguments + ["-set_serial", "\(UInt32.random(in: 1...UInt32.max))"])
        return (key, try Tool.bytes(of: certificate))
    }

    private static func request(_ name: String) throws -> (request: String, key: String) {
        let (request, key) = (try Tool.file(), try Tool.file())
        try Tool.succeed([
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-subj", name, "-out", request,
        ])
        return (request, key)
    }
}
