/// A fresh SoftHSM2 token with a P-256 key `ec` (id 01) and an RSA-2048 key `rsa` (id 02), made by `pkcs11-tool`.
struct SoftHSMToken {
    static let label = "benchmark"
    /// The variable that hands the PIN to programs, so that it stands in no argument list.
    static let pinVariable = "RAW_PKCS11_PIN"

    let module: String
    /// What a program needs to reach and open the token.
    let environment: [String: String]

    init(module: String, folder: TemporaryFolder, launcher: Launcher) throws {
        self.module = module
        let tokens = try folder.makeFolder("tokens")
        let configuration = try folder.write(
            "directories.tokendir = \(tokens)\nobjectstore.backend = file\nlog.level = ERROR\n".utf8,
            to: "softhsm2.conf")
        let pin = String(UInt64.random(in: 10_000_000...99_999_999))
        environment = ["SOFTHSM2_CONF": configuration, Self.pinVariable: pin]
        // The token is thrown away, and this tool takes its PINs as arguments only.
        _ = try launcher.run(
            ["/usr/bin/softhsm2-util", "--init-token", "--free", "--label", Self.label, "--pin", pin, "--so-pin", pin],
            environment: environment)
        for (id, label, type) in [("01", "ec", "EC:prime256v1"), ("02", "rsa", "rsa:2048")] {
            _ = try launcher.run(
                [
                    "/usr/bin/pkcs11-tool", "--module", module, "--token-label", Self.label, "--login", "--pin",
                    "env:\(Self.pinVariable)", "--keypairgen", "--key-type", type, "--id", id, "--label", label,
                ], environment: environment)
        }
    }

    /// The reference of a key, by its label.
    func reference(_ label: String) -> String { "pkcs11:token=\(Self.label);object=\(label);type=private" }
}
