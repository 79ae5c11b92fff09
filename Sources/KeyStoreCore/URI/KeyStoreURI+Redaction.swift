extension KeyStoreURI {
    /// What stands in place of a secret.
    public static let mask = "***"

    /// The text with the value of every attribute masked whose name speaks of a PIN or passphrase, wherever it stands.
    /// Works on text that is no valid reference too, as that is what error messages are about.
    public static func redact(_ text: String) -> String {
        var result = ""
        var part = ""
        var masking = false

        func flush() {
            if let equals = part.firstIndex(of: "=") {
                masking = isSecret(name: part[..<equals])
                result += masking ? "\(part[...equals])\(mask)" : part
            } else {
                // A separator inside an unencoded secret cuts it in two; what follows may be the rest of it.
                result += masking && !part.isEmpty ? mask : part
            }
            part = ""
        }

        for character in text {
            if character == "?" || character == ";" || character == "&" {
                flush()
                result.append(character)
            } else {
                part.append(character)
            }
        }
        flush()
        return result
    }

    private static func isSecret(name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        guard !name.hasSuffix("source"), !name.hasSuffix("pinfile") else { return false }
        return name.contains("pin") || name.contains("passphrase") || name.contains("password")
            || name.contains("secret")
    }
}
