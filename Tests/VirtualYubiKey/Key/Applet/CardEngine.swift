/// Takes commands apart, joins those that come in pieces, hands them to the selected application, and hands answers out in
/// pieces. Used under its owner's lock.
final class CardEngine {
    /// What the selected application is.
    private enum Selected { case nothing, piv, management, otp }

    /// The longest command that can be put together from pieces.
    private static let maximumCommandLength = 4096

    let piv: PIVApplet
    private var selected = Selected.nothing
    private var chain: CommandAPDU?
    private var pending: [UInt8] = []

    init(_ piv: PIVApplet) { self.piv = piv }

    /// Forgets what is forgotten without power.
    func reset() {
        selected = .nothing
        chain = nil
        pending = []
        piv.deselect()
    }

    /// One command as it came, and the answer to it.
    func answer(_ bytes: [UInt8]) -> [UInt8] {
        do {
            return try answer(try CommandAPDU(bytes))
        } catch {
            return error.bytes
        }
    }

    private func answer(_ piece: CommandAPDU) throws(StatusWord) -> [UInt8] {
        if piece.ins == 0xC0 {
            guard !pending.isEmpty else { throw .conditionsNotMet }
            return nextPart(piece)
        }
        pending = []
        guard let command = try joined(piece) else { return StatusWord.success.bytes }
        let data = try execute(command)
        pending = data
        return nextPart(command)
    }

    /// The whole command, or nil while there are pieces to come.
    private func joined(_ piece: CommandAPDU) throws(StatusWord) -> CommandAPDU? {
        var command = piece
        if let begun = chain {
            chain = nil
            guard (begun.ins, begun.p1, begun.p2) == (piece.ins, piece.p1, piece.p2) else { throw .chainBroken }
            command.data = begun.data + piece.data
        }
        guard command.data.count <= Self.maximumCommandLength else { throw .wrongLength }
        guard piece.isChained else { return command }
        chain = command
        return nil
    }

    /// As much of the answer as the command can take: what it says (Le), or as much as its kind of length can say.
    private func nextPart(_ command: CommandAPDU) -> [UInt8] {
        let part = Array(pending.prefix(command.le ?? (command.isExtended ? 65536 : 256)))
        pending.removeFirst(part.count)
        let status: StatusWord =
            pending.isEmpty ? .success : StatusWord(0x6100 | (pending.count > 255 ? 0 : UInt16(pending.count)))
        return part + status.bytes
    }

    private func execute(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        if command.ins == 0xA4 { return try select(command) }
        switch selected {
        case .piv: return try piv.execute(command)
        case .management: return try ManagementApplet(piv.state).execute(command)
        case .otp: return try OTPApplet(piv.state).execute(command)
        case .nothing: throw .unknownInstruction
        }
    }

    /// Selecting another application forgets who has authenticated; selecting the same one, or one that there is not, does
    /// not (SP 800-73-4 part 2, §3.1.1).
    private func select(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.p1 == 0x04 else { throw .wrongParameters }
        let (application, answer): (Selected, [UInt8])
        if command.data.count >= 5, PIVApplet.identifier.starts(with: command.data) {
            (application, answer) = (.piv, PIVApplet.selectionAnswer)
        } else if command.data.starts(with: ManagementApplet.identifier) {
            (application, answer) = (.management, ManagementApplet(piv.state).selectionAnswer)
        } else if command.data.starts(with: OTPApplet.identifier) {
            (application, answer) = (.otp, OTPApplet(piv.state).selectionAnswer)
        } else {
            throw .notFound
        }
        if application != selected { piv.deselect() }
        selected = application
        return answer
    }
}
