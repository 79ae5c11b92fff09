/// The words of the console's lines.
enum ConsoleWords {
    static func touch(_ words: ArraySlice<String>) throws -> TouchBehaviour {
        switch (words.first, words.count) {
        case ("granted", 1): .granted
        case ("denied", 1): .denied
        case ("after", 2): .grantedAfter(seconds: try seconds(words.last))
        case ("hand", 2): .byHand(timeoutSeconds: try seconds(words.last))
        case ("never", 2): .never(timeoutSeconds: try seconds(words.last))
        default: throw ConsoleError("touch is granted, denied, after SECONDS, hand SECONDS or never SECONDS")
        }
    }

    static func fault(_ words: ArraySlice<String>) throws -> Fault {
        let value = words.dropFirst().first
        switch (words.first, words.count) {
        case ("status", 2):
            let bytes = try hexadecimal(value)
            guard bytes.count == 2 else { throw ConsoleError("a status word has two bytes: 6F00") }
            return .status(StatusWord(UInt16(bytes[0]) << 8 | UInt16(bytes[1])))
        case ("answer", 2): return .answer(try hexadecimal(value))
        case ("data", 2): return .data(try hexadecimal(value))
        case ("truncate", 2):
            guard let count = value.flatMap({ Int($0) }), count >= 0 else { throw ConsoleError("truncate BYTES") }
            return .truncate(toBytes: count)
        case ("delay", 2): return .delay(seconds: try seconds(value))
        case ("unplug", 1): return .unplug
        case ("unplug-afterwards", 1): return .unplugAfterwards
        case ("reconnect", 1): return .reconnect
        default: throw ConsoleError("there is no such fault; `help` tells which there are")
        }
    }

    static func seconds(_ text: String?) throws -> Double {
        guard let value = text.flatMap({ Double($0) }), value >= 0, value < 3600 else {
            throw ConsoleError("'\(text ?? "")' is no number of seconds")
        }
        return value
    }

    static func slot(_ text: String) throws -> Slot {
        guard let slot = UInt8(text, radix: 16).flatMap({ Slot(number: $0) }) else {
            throw ConsoleError("there is no slot '\(text)'")
        }
        return slot
    }

    static func algorithm(_ text: String) throws -> KeyAlgorithm {
        guard let algorithm = KeyAlgorithm.allCases.first(where: { "\($0)" == text }) else {
            throw ConsoleError("there is no algorithm '\(text)'")
        }
        return algorithm
    }

    private static func hexadecimal(_ text: String?) throws -> [UInt8] {
        let digits = Array(text ?? "")
        guard !digits.isEmpty, digits.count.isMultiple(of: 2) else { throw ConsoleError("HEX has two digits a byte") }
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            guard let byte = UInt8(String(digits[index...(index + 1)]), radix: 16) else {
                throw ConsoleError("HEX has two digits a byte")
            }
            return byte
        }
    }
}
