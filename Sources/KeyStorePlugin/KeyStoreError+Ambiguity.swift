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

    /// Every one, as long as they fit into the space in which a message crosses the plugin boundary.
    private static func list(_ heading: String, _ candidates: [KeyStoreURI]) -> String {
        var text = heading
        for (index, candidate) in candidates.enumerated() {
            let line = "\n  \(candidate.redacted)"
            guard text.utf8.count + line.utf8.count < maximumLength else {
                return text + "\n  … and \(candidates.count - index) more"
            }
            text += line
        }
        return text
    }

    private static let maximumLength = 16_000
}
