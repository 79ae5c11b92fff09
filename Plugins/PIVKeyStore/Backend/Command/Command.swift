import KeyStoreCore

/// A command to the card, as long as need be: it is sent in pieces.
struct Command {
    /// What is sent. Secrets are wiped when the last holder lets go of them.
    enum Contents {
        case plain([UInt8])
        case secret(PIN)
    }

    var cla: UInt8 = 0
    let instruction: Instruction
    let p1: UInt8
    let p2: UInt8
    let contents: Contents
    /// The fifth byte, where it says how much is wanted and not how much is sent.
    var length: UInt8?

    init(_ instruction: Instruction, _ p1: UInt8 = 0, _ p2: UInt8 = 0, _ data: [UInt8] = []) {
        self.instruction = instruction
        self.p1 = p1
        self.p2 = p2
        contents = .plain(data)
    }

    /// A command whose data nobody is to see.
    init(_ instruction: Instruction, _ p1: UInt8, _ p2: UInt8, secret: PIN) {
        self.instruction = instruction
        self.p1 = p1
        self.p2 = p2
        contents = .secret(secret)
    }

    /// Fetches what is left of an answer.
    static func getResponse(_ length: UInt8) -> Command {
        var command = Command(.getResponse)
        command.length = length
        return command
    }

    /// Lends the data.
    func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        switch contents {
        case .plain(let bytes): try bytes.withRawBytes(body)
        case .secret(let secret): try secret.withBytes(body)
        }
    }

    /// The command in a trace: the header, and of the data its length, or nothing where that tells the length of a secret.
    func header(cla: UInt8, count: Int) -> String {
        let header = "\(Hex.byte(cla)) \(Hex.byte(instruction.rawValue)) \(Hex.byte(p1)) \(Hex.byte(p2))"
        if case .secret = contents { return "\(header) Lc=***" }
        return "\(header) Lc=\(count)"
    }
}
