/// The application that older clients ask for the serial number.
struct OTPApplet {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01]
    private let state: CardState

    init(_ state: CardState) { self.state = state }

    /// Version, number of programmings, and two bytes about touch: nothing is programmed.
    var selectionAnswer: [UInt8] { state.firmware.bytes + [0, 0, 0, 0] }

    func execute(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        switch (command.ins, command.p1) {
        case (0x01, 0x10): state.serialBytes
        case (0x03, _): selectionAnswer
        default: throw .unknownInstruction
        }
    }
}
