/// What a key was asked, command by command. Contents are not kept, so that neither PINs nor keys can be in it.
public struct APDULog: Sendable, CustomStringConvertible {
    /// One command and its answer.
    public struct Entry: Sendable, Equatable, CustomStringConvertible {
        /// Class, instruction and parameters.
        public var cla, ins, p1, p2: UInt8
        /// The length of the command's data.
        public var lc: Int
        /// How the answer ended; nil where a fault left it without an end.
        public var statusWord: StatusWord?
        /// The length of the answer's data.
        public var responseLength: Int

        /// One line: `00 87 07 9A Lc=266 -> 6108 256`.
        public var description: String {
            let header = [cla, ins, p1, p2].map(\.hexadecimal).joined(separator: " ")
            return "\(header) Lc=\(lc) -> \(statusWord?.description ?? "nothing") \(responseLength)"
        }
    }

    /// The commands in their order. One that came in pieces (chaining) or whose answer was fetched in pieces counts once for
    /// each piece, as on the wire.
    public internal(set) var entries: [Entry] = []
    /// How often the card was reset or powered off or on.
    public internal(set) var resetCount = 0

    /// How many commands there were.
    public var count: Int { entries.count }

    /// The instructions in their order.
    public var instructions: [UInt8] { entries.map(\.ins) }

    /// How many commands had the instruction.
    public func count(of instruction: UInt8) -> Int { entries.count { $0.ins == instruction } }

    /// How many commands each instruction had.
    public var countByInstruction: [UInt8: Int] { entries.reduce(into: [:]) { $0[$1.ins, default: 0] += 1 } }

    /// One line for each command.
    public var description: String { entries.map(\.description).joined(separator: "\n") }
}
