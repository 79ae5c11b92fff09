/// The application that tells what a YubiKey is. Only what clients read before they turn to PIV.
struct ManagementApplet {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17]
    private let state: CardState

    init(_ state: CardState) { self.state = state }

    var selectionAnswer: [UInt8] { Array("Virtual mgr - FW version \(state.firmware)".utf8) }

    func execute(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard command.ins == 0x1D else { throw .unknownInstruction }
        guard command.p1 == 0 else { throw .wrongParameters }
        let onlyPIV: [UInt8] = [0x00, 0x10]
        let elements = [
            TLV(0x01, onlyPIV), TLV(0x02, state.serialBytes), TLV(0x03, onlyPIV), TLV(0x04, [CardState.formFactor]),
            TLV(0x05, state.firmware.bytes), TLV(0x0A, [0]),
        ].encoded
        return [UInt8(elements.count)] + elements
    }
}

extension CardState {
    /// A keychain with USB-A.
    static let formFactor: UInt8 = 0x01

    /// As the applet answers it.
    var serialBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: serial >> (24 - 8 * $0)) } }
}
