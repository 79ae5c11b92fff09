import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// What a new key asks of a person, and whether it takes another's place.
struct KeyPolicyOptions: ParsableArguments {
    enum PIN: String, CaseIterable, ExpressibleByArgument {
        case `default`, never, once, always

        /// The policy; nil for what the token does unasked.
        var policy: PINPolicy? {
            switch self {
            case .default: nil
            case .never: .never
            case .once: .once
            case .always: .always
            }
        }
    }

    enum Touch: String, CaseIterable, ExpressibleByArgument {
        case `default`, never, always, cached

        /// The policy; nil for what the token does unasked.
        var policy: TouchPolicy? {
            switch self {
            case .default: nil
            case .never: .never
            case .always: .always
            case .cached: .cached
            }
        }
    }

    @Option(help: "When the key asks for the PIN; default is what its token does unasked.")
    var pinPolicy = PIN.default

    @Option(help: "When the key asks for a touch; default is what its token does unasked.")
    var touchPolicy = Touch.default

    @Flag(help: "Destroy the key that is there under this name.")
    var replace = false

    /// The options of a new key for the given use; nil where nothing was said that every backend does anyway.
    func options(for purpose: KeyPurpose, in store: BlockingKeyStore) throws(KeyStoreError) -> NewKeyOptions? {
        let given = [
            (pinPolicy == .default, "--pin-policy"), (touchPolicy == .default, "--touch-policy"),
            (!replace, "--replace"),
        ].filter { !$0.0 }.map(\.1)
        guard let first = given.first else { return nil }
        // Left out, an option would make another key than the one asked for.
        guard store.backend.abilities.contains(.keyPolicies) else {
            throw KeyStoreError(
                .unsupportedOperation, "the backend '\(store.backend.name)' makes no keys with \(first)",
                operation: "choose backend", subject: store.uri.redacted)
        }
        return NewKeyOptions(
            purpose: purpose, pinPolicy: pinPolicy.policy, touchPolicy: touchPolicy.policy, replaces: replace)
    }
}
