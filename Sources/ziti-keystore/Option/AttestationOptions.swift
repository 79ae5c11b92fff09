import ArgumentParser
import KeyStoreAttestation
import KeyStoreCore

/// What an attestation has to prove, and to whom.
struct AttestationOptions: ParsableArguments {
    enum WantedPINPolicy: String, CaseIterable, ExpressibleByArgument {
        case once, always

        var policy: PINPolicy { self == .once ? .once : .always }
    }

    enum WantedTouchPolicy: String, CaseIterable, ExpressibleByArgument {
        case cached, always

        var policy: TouchPolicy { self == .cached ? .cached : .always }
    }

    @Option(
        help: ArgumentHelp(
            "Trust the attestation roots in this PEM file; intermediates in it help to find them. May be given more than once.",
            valueName: "file"))
    var root: [String] = []

    @Option(
        help: ArgumentHelp("The key must ask for its PIN this often at least: once or always.", valueName: "policy"))
    var pinPolicy: WantedPINPolicy?

    @Option(
        help: ArgumentHelp("The key must ask to be touched this often at least: cached or always.", valueName: "policy")
    )
    var touchPolicy: WantedTouchPolicy?

    @Option(help: ArgumentHelp("The device must have this serial number.", valueName: "number"))
    var serial: UInt64?

    @Option(
        help: ArgumentHelp("The device's firmware must be this version or later, such as 5.4.3.", valueName: "version"))
    var minFirmware: String?

    /// Whether anything was said of the device or its maker.
    var namesDevice: Bool { !root.isEmpty || serial != nil || minFirmware != nil }

    /// Whether anything was said of the key's policies.
    var namesPolicy: Bool { pinPolicy != nil || touchPolicy != nil }

    func validate() throws {
        if let minFirmware, FirmwareVersion(minFirmware) == nil {
            throw ValidationError("'--min-firmware' takes a version such as 5.4.3.")
        }
    }

    /// What the attestation must say, of this key where there is one.
    func requirements(publicKey: PublicKey?) -> AttestationRequirements {
        AttestationRequirements(
            publicKey: publicKey, pinPolicy: pinPolicy?.policy, touchPolicy: touchPolicy?.policy, serial: serial,
            minimumFirmware: minFirmware.flatMap(FirmwareVersion.init))
    }

    /// A verifier that trusts the roots in the files. Throws `badData`.
    func verifier() throws -> AttestationVerifier {
        let texts = try root.map { try InputFile(path: $0).readText(limit: AttestationRoots.maximumLength) }
        do {
            return AttestationVerifier(roots: try AttestationRoots(pem: texts))
        } catch {
            throw CommandFailure(error, file: root.joined(separator: ", "))
        }
    }
}
