/// What a module answers, taken from the bytes of an input one after the other; zeros when they are used up.
struct Script {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isOver: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    /// A little-endian number of so many bytes.
    mutating func number(_ count: Int) -> UInt {
        bytes(count).reversed().reduce(0) { $0 << 8 | UInt($1) }
    }

    /// One of several.
    mutating func choice<Value>(_ values: [Value]) -> Value { values[Int(byte()) % values.count] }
}
