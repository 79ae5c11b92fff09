import KeyStoreCore

/// Takes secrets out of messages that quote the command line, such as those of the argument parser.
enum ArgumentRedaction {
    /// The message with every argument that holds a secret replaced by its redacted form.
    static func redact(_ message: String, arguments: some Sequence<String>) -> String {
        var message = message
        var isSecret = false
        for argument in arguments {
            if isSecret, !argument.isEmpty {
                message = message.replacing("'\(argument)'", with: "'\(KeyStoreURI.mask)'")
            }
            isSecret = Self.wouldHoldSecret(option: argument)
            for text in [argument[...], argument.drop { $0 != "=" }.dropFirst()] {
                let redacted = KeyStoreURI.redact(String(text))
                if redacted != text { message = message.replacing(text, with: redacted) }
            }
        }
        return message
    }

    /// Whether this looks like an option that takes a secret itself. There is none, but people try.
    private static func wouldHoldSecret(option: String) -> Bool {
        guard option.hasPrefix("-"), !option.contains("=") else { return false }
        let name = option.lowercased()
        // '--no-passphrase' takes nothing: what follows is another option.
        guard !name.hasPrefix("--no-") else { return false }
        guard !["source", "fd", "env"].contains(where: { name.hasSuffix("-\($0)") }) else { return false }
        return ["pin", "puk", "management-key"].contains { name.hasSuffix($0) } || name.contains("pass")
    }
}

extension String {
    /// The text with each occurrence replaced. Without a regular expression engine, which start-up would pay for.
    fileprivate func replacing(_ target: some StringProtocol, with replacement: String) -> String {
        guard !target.isEmpty else { return self }
        var result = ""
        var rest = self[...]
        while let start = rest.firstRange(ofText: target) {
            result += rest[..<start.lowerBound]
            result += replacement
            rest = rest[start.upperBound...]
        }
        return result + rest
    }
}

extension Substring {
    fileprivate func firstRange(ofText target: some StringProtocol) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].hasPrefix(target) { return start..<index(start, offsetBy: target.count) }
            start = index(after: start)
        }
        return nil
    }
}
