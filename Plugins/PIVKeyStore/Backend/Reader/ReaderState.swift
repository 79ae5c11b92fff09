/// A card reader as pcscd describes it. A YubiKey is a reader with a card that is always in it.
struct ReaderState {
    /// The reader that stands for readers themselves: its state changes when one comes or goes.
    static let plugAndPlay = #"\\?PnP?\Notification"#

    let name: String
    /// The flags as pcscd gave them last, which tell it what is known when it is asked for changes.
    var flags: UInt = 0

    /// Whether there is a card in the reader, and one that answers.
    var hasCard: Bool { flags & Self.present != 0 && flags & Self.mute == 0 }
    /// Whether there is a card that gives no answer.
    var hasMuteCard: Bool { flags & Self.mute != 0 }
    /// Whether some program is connected to the card.
    var isInUse: Bool { flags & (Self.inUse | Self.exclusive) != 0 }
    /// Whether the reader is gone.
    var isGone: Bool { flags & (Self.unknown | Self.unavailable) != 0 }
    /// How often cards came and went, which shows a change that was over before anybody looked.
    var eventCount: UInt { flags >> 16 & 0xFFFF }

    static let changed: UInt = 0x0002
    private static let unknown: UInt = 0x0004
    private static let unavailable: UInt = 0x0008
    private static let present: UInt = 0x0020
    private static let exclusive: UInt = 0x0080
    private static let inUse: UInt = 0x0100
    private static let mute: UInt = 0x0200
}
