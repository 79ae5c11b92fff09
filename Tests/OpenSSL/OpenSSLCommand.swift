import TemporaryFiles
import ChildProcess

/// The `openssl` program, which makes the keys that tests read and judges the signatures that tests make. It is the real
/// program and stands in for nothing.
public enum OpenSSLCommand {
    /// A run that did not end as expected.
    public struct Failure: Error, CustomStringConvertible {
        /// The arguments, and how the run ended.
        public let description: String
    }

    /// Runs the program, and returns what it wrote to its standard output. Throws for an exit status other than 0.
    @discardableResult
    public static func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        var program = try Program.system("openssl", arguments)
        program.input = input
        let outcome = try program.runBlocking()
        guard outcome.status == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(outcome)")
        }
        return outcome.output
    }

    /// The SubjectPublicKeyInfo of a private key, DER, as the program derives it. The passphrase is ignored for a plain key.
    public static func publicKey(ofPEM pem: [UInt8], passphrase: String = "none") throws -> [UInt8] {
        try run(["pkey", "-pubout", "-outform", "DER", "-passin", "pass:\(passphrase)"], input: pem)
    }

    /// Whether the program accepts a signature of a message. `hash` is its name of the digest, nil for Ed25519; `isPSS` asks
    /// for a salt as long as the digest.
    public static func verifies(
        _ signature: [UInt8], of message: [UInt8], publicKey: [UInt8], hash: String?, isPSS: Bool = false
    ) throws -> Bool {
        let folder = TemporaryFolder()
        try folder.write("key", publicKey)
        try folder.write("signature", signature)
        try folder.write("message", message)
        var arguments = [
            "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", folder.path("key"),
            "-sigfile", folder.path("signature"), "-in", folder.path("message"),
        ]
        if let hash { arguments += ["-digest", hash] }
        if isPSS { arguments += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"] }
        do {
            return String(decoding: try run(arguments), as: UTF8.self).contains("Verified Successfully")
        } catch is Failure {
            return false
        }
    }
}
