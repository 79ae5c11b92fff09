import ArgumentParser
import FoundationEssentials
import KeyStoreAttestation
import KeyStoreCore
import ZitiEnrollment

/// Says what an attestation proves.
struct VerifyAttestationCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-attestation", abstract: "Verify an attestation, without the device and without a network.",
        discussion: """
            Proves that a device under one of the given roots made the key, that the key is the one in the certificate of an \
            identity where one is given, and that what protects it is at least what was asked for. No root is built in: get \
            them from the device's maker. What the attestation says beside its certificates is not believed.

            Exits with 65 if the attestation proves nothing, 66 if it is for another key or device, 77 if what protects the \
            key is less than was asked for.

            Example:
              ziti-keystore verify-attestation ziggy.json.attestation.json --root roots.pem --identity ziggy.json --pin-policy once
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var attestation: AttestationOptions

    @Option(help: ArgumentHelp("The key must be the one in the certificate of this identity file.", valueName: "file"))
    var identity: String?

    @Option(
        help: ArgumentHelp(
            "The key must be the one in this certificate, or public key, in PEM or DER.", valueName: "file"))
    var certificate: String?

    @Argument(help: "The attestation: a file, or '-' for the standard input.")
    var bundle: String

    func validate() throws {
        if attestation.root.isEmpty { throw ValidationError("Without a root nothing is trusted: '--root FILE'.") }
        if identity != nil, certificate != nil {
            throw ValidationError("'--identity' and '--certificate' do not go together.")
        }
    }

    func run(in context: CommandContext) async throws {
        let verifier = try attestation.verifier()
        let publicKey = try expectedKey()
        let contents = try InputFile(path: bundle).read(limit: AttestationBundle.maximumLength + 1)
        let read: AttestationBundle
        let proven: VerifiedAttestation
        do throws(AttestationError) {
            read = try AttestationBundle(json: contents)
            proven = try await verifier.verify(read, meets: attestation.requirements(publicKey: publicKey))
        } catch {
            throw CommandFailure(error, file: bundle)
        }
        if publicKey == nil {
            context.report.note("no certificate was compared: --identity or --certificate says whose key this must be")
        }
        let stated = StatedAttestation(proven.statement)
        try context.print(
            "verify-attestation",
            [
                .object(
                    [("uri", .string(read.uri))] + stated.members
                        + KeyInfo.members(of: proven.statement.publicKey.type) + [
                            ("isKeyCompared", .bool(publicKey != nil)), ("chain", .strings(proven.subjects)),
                            ("rootSHA256", .hex(proven.rootFingerprint)),
                            ("validUntil", .string(proven.validUntil.formatted(.iso8601))),
                        ])
            ], text: text(proven))
    }

    private func text(_ proven: VerifiedAttestation) -> String {
        let statement = proven.statement
        var device = statement.serial.map { "serial \($0), " } ?? ""
        device += "firmware \(statement.firmware)"
        if let formFactor = statement.formFactor { device += ", \(formFactor)" }
        var lines = [
            ("key", "\(statement.publicKey.type), SHA-256 \(Hexadecimal.text(statement.publicKeyFingerprint))"),
            ("made in", "\(device), slot \(statement.slot)"), ("PIN policy", "\(statement.pinPolicy)"),
            ("touch policy", "\(statement.touchPolicy)"),
        ]
        if let compared = identity ?? certificate { lines.append(("same key as", compared)) }
        lines += [
            ("root", "\(proven.root), SHA-256 \(Hexadecimal.text(proven.rootFingerprint))"),
            ("valid until", proven.validUntil.formatted(.iso8601)),
        ]
        return lines.map { "\($0.0)\t\(StandardStream.sanitised($0.1).replacingNewlines)" }.joined(separator: "\n")
    }

    /// The key that must have been attested; nil where none was named.
    private func expectedKey() throws -> PublicKey? {
        if let certificate { return try PublicKey(file: InputFile(path: certificate)) }
        guard let identity else { return nil }
        let file: IdentityFile
        do throws(EnrollmentError) {
            file = try IdentityFile(path: identity)
        } catch {
            throw CommandFailure(error, file: identity)
        }
        return try PublicKey(certificates: file.certificates, name: identity)
    }
}
