/// Numbers in a line of `name=number` words.
struct Fields {
    private var numbers: [String: Double] = [:]

    init(_ line: String) {
        for word in line.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = Double(parts[1]) else { continue }
            numbers[String(parts[0])] = number
        }
    }

    subscript(name: String) -> Double? { numbers[name] }
}
