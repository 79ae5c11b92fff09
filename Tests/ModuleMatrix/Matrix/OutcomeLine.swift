public import KeyStoreTesting

/// What one check came to, as one line of text: what the program prints and the tests read.
public struct OutcomeLine: Equatable, Sendable {
    /// The statement that was checked.
    public var statement: String
    /// Why it does not hold; nil if it does.
    public var failure: String?

    /// A statement, and why it does not hold.
    init(statement: String, failure: String?) {
        self.statement = statement
        self.failure = failure
    }

    /// Of what the suite found.
    public init(_ outcome: KeyStoreConformance.Outcome) {
        statement = outcome.statement
        failure = outcome.failure
    }

    /// Reads a line; nil for one that is none.
    public init?(_ line: some StringProtocol) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        switch (fields.first, fields.count) {
        case ("so", 2): failure = nil
        case ("not", 3): failure = String(fields[2])
        default: return nil
        }
        statement = String(fields[1])
    }

    /// Whether it holds, the statement, and why not, with tabs between them.
    public var text: String {
        func flat(_ text: String) -> String { text.replacing("\t", with: " ").replacing("\n", with: " | ") }
        return failure.map { "not\t\(flat(statement))\t\(flat($0))" } ?? "so\t\(flat(statement))"
    }
}
