/// How many native calls a path made.
struct NativeCalls: Sendable, Equatable {
    /// What is counted, in the plural: "APDUs".
    var unit: String
    /// For each step.
    var steps: KeySteps<Int>
    /// For one signature.
    var sign: Int

    static func == (left: NativeCalls, right: NativeCalls) -> Bool {
        left.unit == right.unit && left.steps.all == right.steps.all && left.sign == right.sign
    }

    /// For each step and for a signature: "APDUs 4, 1, 0 / 2".
    var text: String { "\(unit) \(steps.all.map(String.init).joined(separator: ", ")) / \(sign)" }
}
