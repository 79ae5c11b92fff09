/// Reads one record of comma-separated values (RFC 4180 §2), line by line, as a field in quotation marks may hold line ends.
struct CSVRecordParser {
    enum Outcome {
        /// The record is whole.
        case complete([[UInt8]])
        /// It goes on with the next line.
        case unfinished
        /// It is no record.
        case damaged(ManifestDamage)
    }

    private enum State {
        case start
        case plain
        case quoted
        /// Behind a quotation mark that closes the field, unless another one follows.
        case closed
    }

    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    private var state = State.start

    /// Takes a line without its line feed; a carriage return at its end belongs to the line's end.
    mutating func take(_ line: [UInt8]) -> Outcome {
        let quote = UInt8(ascii: "\"")
        for (index, byte) in line.enumerated() {
            let isLineEnd = byte == UInt8(ascii: "\r") && index == line.count - 1
            switch (state, byte) {
            case (.quoted, quote): state = .closed
            case (.quoted, _): field.append(byte)
            case (.closed, quote):
                field.append(byte)
                state = .quoted
            case (_, UInt8(ascii: ",")):
                fields.append(field)
                field = []
                state = .start
            case _ where isLineEnd: break
            case (.closed, _):
                return .damaged(ManifestDamage("something follows the quotation mark that closes a field"))
            case (.start, quote): state = .quoted
            case (_, quote):
                return .damaged(ManifestDamage("a quotation mark stands in a field that does not begin with one"))
            default:
                field.append(byte)
                state = .plain
            }
        }
        guard state != .quoted else {
            field.append(UInt8(ascii: "\n"))
            return .unfinished
        }
        fields.append(field)
        return .complete(fields)
    }
}
