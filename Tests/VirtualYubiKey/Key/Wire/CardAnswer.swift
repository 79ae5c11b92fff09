/// What a card does when it is given a command.
public enum CardAnswer: Sendable, Equatable {
    /// It answers with these bytes, whether or not they make sense.
    case bytes([UInt8])
    /// It is pulled out of the reader, and stays out.
    case unplugged
    /// It is pulled out, and is back at once.
    case reconnected
}
