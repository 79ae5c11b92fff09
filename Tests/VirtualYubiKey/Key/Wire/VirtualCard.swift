/// Something that can be put into a virtual reader.
public protocol VirtualCard: AnyObject, Sendable {
    /// The answer to reset, which tells readers and clients what the card is.
    var answerToReset: [UInt8] { get }

    /// Forgets what a card without power forgets. Called when it is reset, powered on or off, and unplugged.
    func reset()

    /// Executes one command. Called on the reader's thread, one command at a time; may take long.
    func transmit(_ command: [UInt8]) -> CardAnswer

    /// The reader has let go of the card: whoever waits in `transmit` is to give up.
    func readerWillClose()
}
