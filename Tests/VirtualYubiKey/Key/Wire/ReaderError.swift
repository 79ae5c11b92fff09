/// Why a card could not be put into a reader, or pcscd not be started.
public struct ReaderError: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String

    /// Says what went wrong.
    public init(_ description: String) { self.description = description }
}
