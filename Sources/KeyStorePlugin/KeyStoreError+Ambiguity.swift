public import KeyStoreCore

extension KeyStoreError {
    /// The error for several keys that match one reference: it lists each as a URI that can be pasted.
    public static func ambiguousKey(_ candidates: [KeyStoreURI], at uri: KeyStoreURI) -> KeyStoreError {
        KeyStoreError(
            .ambiguousKey, list("\(candidates.count) keys match this reference; use one of these:", candidates),
            operation: "find key", subject: uri.text)
    }

    /// The error for several tokens that match one reference: it lists each as a URI that can be pasted.
    public static func ambiguousToken(_ candidates: [KeyStoreURI], at uri: KeyStoreURI) -> KeyStoreError {
        KeyStoreError(
            .ambiguousToken, list("\(candidates.count) tokens match this reference; use one of these:", candidates),
            operation: "find token", subject: uri.text)
    }

    /// Bounded, because the message crosses the plugin boundary in fixed space.
    private static func list(_ heading: String, _ candidates: [KeyStoreURI]) -> String {
        let shown = candidates.prefix(8).map { "\n  \($0.redacted)" }.joined()
        return heading + shown + (candidates.count > 8 ? "\n  … and \(candidates.count - 8) more" : "")
    }
}
