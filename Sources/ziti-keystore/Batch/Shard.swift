import ArgumentParser
import Crypto

/// One of several equal parts of a manifest. Which part a row is in follows from its name, so that hosts that work on the same
/// manifest need not talk to each other.
struct Shard: ExpressibleByArgument, Sendable {
    /// The most parts that a manifest is cut into.
    static let maximumCount = 65_536

    /// Which part this is, beginning with 1.
    let index: Int
    /// How many there are.
    let count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let index = Int(parts[0]), let count = Int(parts[1]), (1...Self.maximumCount).contains(count),
            (1...count).contains(index)
        else { return nil }
        self.index = index
        self.count = count
    }

    /// Whether what has this name is in this part: the first eight bytes of its SHA-256, as a number, tell.
    func contains(_ name: [UInt8]) -> Bool {
        let number = SHA256.hash(data: name).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return number % UInt64(count) == UInt64(index - 1)
    }
}
