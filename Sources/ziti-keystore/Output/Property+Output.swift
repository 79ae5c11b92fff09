import KeyStoreCore

extension [TokenInfo.Property] {
    /// The properties on lines of their own, to follow the line of what they belong to; empty where there are none.
    var lines: String {
        map { "\n  \(StandardStream.sanitised("\($0.name): \($0.value)").replacingNewlines)" }.joined()
    }

    /// The properties as an object of JSON output.
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = []
        // A backend's names are its own business, and an object has each once (RFC 8259 §4).
        for property in self where !members.contains(where: { $0.name == property.name }) {
            members.append((property.name, .string(property.value)))
        }
        return .object(members)
    }
}
