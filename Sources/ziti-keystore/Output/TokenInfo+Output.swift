import KeyStoreCore

extension TokenInfo {
    /// One line of a listing: reference, label, model, serial, state of the PIN.
    var line: String {
        ([uri.redacted] + [label, model, serial].map { StandardStream.sanitised($0).replacingNewlines } + [pinState])
            .joined(separator: "\t")
    }

    /// The state of the PIN in a few words, and of what else lets people in.
    var pinState: String {
        let others = [
            (Flags.pinDefault, "the default PIN"), (.pukDefault, "the default PUK"),
            (.managementKeyDefault, "the default management key"), (.pukLocked, "PUK locked"),
        ].filter { flags.contains($0.0) }.map(\.1)
        return ([userPINState] + others).joined(separator: ", ")
    }

    private var userPINState: String {
        guard flags.contains(.initialised) else { return "not initialised" }
        if flags.contains(.pinLocked) { return "PIN locked" }
        if flags.contains(.pinFinalTry) { return "PIN: last try" }
        var words: [String] = []
        if !flags.contains(.loginRequired) {
            words.append("no PIN needed")
        } else if !flags.contains(.pinInitialised) {
            words.append("PIN not set")
        } else {
            words.append(flags.contains(.pinPad) ? "PIN on the device" : "PIN set")
        }
        if flags.contains(.pinToBeChanged) { words.append("must be changed") }
        if flags.contains(.pinCountLow) { words.append("a wrong one was given") }
        if let triesLeft { words.append("\(triesLeft) tries left") }
        return words.joined(separator: ", ")
    }

    /// The token as an item of JSON output.
    var json: JSONValue { .object(members) }

    /// The members of that item.
    var members: [(name: String, value: JSONValue)] {
        [
            ("uri", .string(uri.redacted)), ("label", .string(label)), ("manufacturer", .string(manufacturer)),
            ("model", .string(model)), ("serial", .string(serial)), ("location", .string(location)),
            ("pinState", .string(pinState)), ("flags", .strings(flags.names)),
            ("triesLeft", triesLeft.map { .number($0) } ?? .null), ("properties", properties.json),
        ]
    }
}

extension TokenInfo.Flags {
    fileprivate var names: [String] {
        [
            (TokenInfo.Flags.initialised, "initialised"), (.loginRequired, "loginRequired"),
            (.pinInitialised, "pinInitialised"), (.pinCountLow, "pinCountLow"), (.pinFinalTry, "pinFinalTry"),
            (.pinLocked, "pinLocked"), (.pinToBeChanged, "pinToBeChanged"), (.pinPad, "pinPad"),
            (.writeProtected, "writeProtected"), (.pinDefault, "pinDefault"), (.pukDefault, "pukDefault"),
            (.managementKeyDefault, "managementKeyDefault"), (.pukLocked, "pukLocked"),
        ].filter { contains($0.0) }.map(\.1)
    }
}

extension String {
    /// The same on one line.
    var replacingNewlines: String { String(map { $0.isNewline || $0 == "\t" ? "?" : $0 }) }
}
