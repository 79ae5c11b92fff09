/// What the card answered to a command.
struct Answer {
    /// The longest answer that is read, in bytes. Objects of a YubiKey have some 3000 at most.
    static let maximumLength = 65536

    var data: [UInt8] = []
    var status = StatusWord.success
}
