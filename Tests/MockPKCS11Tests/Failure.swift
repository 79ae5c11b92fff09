import KeyStoreCore
import Testing

/// The error that a call throws; a failed expectation if it throws none.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Value
) throws -> KeyStoreError {
    do {
        _ = try body()
    } catch let error as KeyStoreError {
        return error
    }
    return try #require(nil as KeyStoreError?, "nothing was thrown", sourceLocation: sourceLocation)
}
