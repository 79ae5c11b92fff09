import Synchronization

/// Counts native calls by the lines that a backend tells of them.
///
/// A line begins with the call's name, as in "APDU 00 87 …", and is one call then. Or it begins with the call's number and
/// the library, as in "17 libsofthsm2.so C_Sign(…": lines of one number are one call.
final class NativeCallCounter: Sendable {
    private struct State {
        var count = 0
        var numbers: Set<Substring> = []
        var unit: String?
    }

    private let state = Mutex(State())

    /// Counts a line. May be called on any thread.
    func add(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 3)
        guard let first = words.first else { return }
        let isNumbered = words.count > 2 && first.utf8.allSatisfy { (0x30...0x39).contains($0) }
        state.withLock { state in
            if isNumbered, !state.numbers.insert(first).inserted { return }
            state.count += 1
            let name = (isNumbered ? words[2] : first).prefix { $0 != "(" }
            // Cryptoki's functions, and nobody else's, have names of this form (PKCS #11, 5). What is called besides to reach
            // them goes by the same name.
            if name.hasPrefix("C_") {
                state.unit = "PKCS#11 calls"
            } else if state.unit == nil {
                state.unit = "\(name)s"
            }
        }
    }

    /// How many calls there were since this was asked last.
    func take() -> Int {
        state.withLock { state in
            defer { state.count = 0 }
            return state.count
        }
    }

    /// What was counted; nil where no backend told of anything.
    var unit: String? { state.withLock { $0.unit } }
}
