/// A card that is in a reader and has no PIV application, as a bank card or a SIM is. It answers every command with a refusal.
public final class PlainCard: VirtualCard {
    /// Makes a card.
    public init() {}

    /// The shortest there is: T=0 and T=1, and nothing about itself.
    public var answerToReset: [UInt8] { [0x3B, 0x80, 0x80, 0x01, 0x01] }

    /// Nothing to forget.
    public func reset() {}

    /// No application, and no instruction but SELECT.
    public func transmit(_ command: [UInt8]) -> CardAnswer {
        let isSelect = command.count > 1 && command[1] == 0xA4
        return .bytes((isSelect ? StatusWord.notFound : .unknownInstruction).bytes)
    }

    /// Nobody waits.
    public func readerWillClose() {}
}
