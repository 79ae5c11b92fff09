/// Unencrypted PEM key files, made by `openssl`.
struct SoftwareKeys {
    let p256: String
    let rsa2048: String

    init(folder: TemporaryFolder, launcher: Launcher) throws {
        p256 = folder.path("ec.pem")
        rsa2048 = folder.path("rsa.pem")
        for (path, options) in [
            (p256, ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            (rsa2048, ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ] {
            _ = try launcher.run(["/usr/bin/openssl", "genpkey", "-out", path] + options)
        }
    }
}
