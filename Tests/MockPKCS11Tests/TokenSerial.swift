import Synchronization

/// Serial numbers that no other token of this process has had.
enum TokenSerial {
    private static let last = Atomic(0)

    static func next() -> String {
        let digits = String(last.add(1, ordering: .relaxed).newValue)
        return "9" + String(repeating: "0", count: 15 - digits.count) + digits
    }
}
