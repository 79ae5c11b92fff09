import KeyStoreAttestation

extension StatedAttestation {
    /// The members of JSON output.
    var members: [(name: String, value: JSONValue)] {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            ("slot", text(slot)), ("serial", serial.flatMap { Int(exactly: $0) }.map { .number($0) } ?? .null),
            ("firmware", text(firmware)), ("formFactor", text(formFactor)), ("pinPolicy", text(pinPolicy)),
            ("touchPolicy", text(touchPolicy)), ("publicKeySHA256", text(publicKeySHA256)),
        ]
    }
}
