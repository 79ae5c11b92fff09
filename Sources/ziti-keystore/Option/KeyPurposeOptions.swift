import ArgumentParser
import KeyStoreCore

/// What a new key is to be used for.
struct KeyPurposeOptions: ParsableArguments {
    enum Use: String, CaseIterable, ExpressibleByArgument {
        case sign, decrypt, derive
    }

    @Option(
        help: ArgumentHelp(
            "What the key is for: sign (unless said otherwise), decrypt (RSA) or derive (EC, and X25519, which does nothing else). May be given more than once.",
            valueName: "use"))
    var use: [Use] = []

    /// Everything that was said; where nothing was, signing, or what else keys of the type do. Without a type, signing.
    func purpose(of type: KeyType? = nil) -> KeyPurpose {
        guard !use.isEmpty else { return type == .x25519 ? .agree : .sign }
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
        if use.contains(.decrypt), !type.purposes.contains(.decrypt) {
            throw ValidationError("'--use decrypt' goes with '--kty RSA' only.")
        }
        if use.contains(.derive), !type.purposes.contains(.agree) {
            throw ValidationError("'--use derive' goes with '--kty EC' and '--crv X25519' only.")
        }
        if use.contains(.sign), !type.purposes.contains(.sign) {
            throw ValidationError(
                "'--use sign' does not go with '--crv \(type)': such keys derive secrets and sign nothing.")
        }
    }
}
