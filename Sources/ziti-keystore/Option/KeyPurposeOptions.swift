import ArgumentParser
import KeyStoreCore

/// What a new key is to be used for.
struct KeyPurposeOptions: ParsableArguments {
    enum Use: String, CaseIterable, ExpressibleByArgument {
        case sign, decrypt, derive
    }

    @Option(
        help: ArgumentHelp(
            "What the key is for: sign (unless said otherwise), decrypt (RSA) or derive (EC). May be given more than once.",
            valueName: "use"))
    var use: [Use] = []

    /// Everything that was said; signing where nothing was.
    var purpose: KeyPurpose {
        guard !use.isEmpty else { return .sign }
        return KeyPurpose(
            use.map { use in
                switch use {
                case .sign: .sign
                case .decrypt: .decrypt
                case .derive: .agree
                }
            })
    }

    /// Throws a usage error for a use that keys of the type do not have.
    func demand(fitting type: KeyType) throws {
        let isRSA = if case .rsa = type { true } else { false }
        if use.contains(.decrypt), !isRSA { throw ValidationError("'--use decrypt' goes with '--kty RSA' only.") }
        if use.contains(.derive), isRSA || type == .ed25519 {
            throw ValidationError("'--use derive' goes with '--kty EC' only.")
        }
    }
}
