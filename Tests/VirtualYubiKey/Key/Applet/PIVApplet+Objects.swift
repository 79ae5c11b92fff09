internal import Foundation

/// Objects: certificates and what else the card keeps for others.
extension PIVApplet {
    private static let discovery: UInt32 = 0x7E
    private static let discoveryObject: [UInt8] = [
        0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x5F, 0x2F, 0x02,
        0x40,
        0x00,
    ]
    /// Printed information and biometrics, which are read with the PIN only.
    private static let withPIN: Set<UInt32> = [0x5FC109, 0x5FC103, 0x5FC108, 0x5FC121]
    /// The largest object, without the header around it.
    private static let maximumLength = 3063

    func getData(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        guard (command.p1, command.p2) == (0x3F, 0xFF) else { throw .wrongParameters }
        let number = try Self.objectNumber(try TLV.only(0x5C, in: command.data))
        if number == Self.discovery { return Self.discoveryObject }
        if Self.withPIN.contains(number), !session.isPINVerified { throw .notAuthenticated }
        if number == Slot.attestation.certificateObject { try makeAttestationKey() }
        guard let object = state.objects[number] else { throw .notFound }
        return TLV(0x53, Array(object)).encoded
    }

    func putData(_ command: CommandAPDU) throws(StatusWord) -> [UInt8] {
        try requireManagement()
        guard (command.p1, command.p2) == (0x3F, 0xFF) else { throw .wrongParameters }
        let elements = try TLV.parse(command.data)
        guard elements.count == 2, elements[0].tag == 0x5C, elements[1].tag == 0x53 else { throw .wrongData }
        let number = try Self.objectNumber(elements[0].value)
        guard number >> 16 == 0x5F else { throw .wrongData }
        if number == Slot.attestation.certificateObject { try makeAttestationKey() }
        let contents = elements[1].value
        guard contents.count <= Self.maximumLength else { throw .full }
        state.objects[number] = contents.isEmpty ? nil : Data(contents)
        return []
    }

    private static func objectNumber(_ bytes: [UInt8]) throws(StatusWord) -> UInt32 {
        guard (1...3).contains(bytes.count) else { throw .wrongData }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
