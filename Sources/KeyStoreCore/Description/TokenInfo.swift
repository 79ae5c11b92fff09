/// What is known of a token without logging in.
public struct TokenInfo: Hashable, Sendable {
    /// States of a token and its PIN.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits that cross the plugin boundary.
        public let rawValue: UInt32

        /// Makes a set from its bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The token has been initialised.
        public static let initialised = Flags(rawValue: 1)
        /// Private keys need a login.
        public static let loginRequired = Flags(rawValue: 2)
        /// The user PIN has been set.
        public static let pinInitialised = Flags(rawValue: 4)
        /// A PIN was wrong since the last right one.
        public static let pinCountLow = Flags(rawValue: 8)
        /// A wrong PIN now locks the token.
        public static let pinFinalTry = Flags(rawValue: 16)
        /// No PIN is accepted any more.
        public static let pinLocked = Flags(rawValue: 32)
        /// The PIN must be changed before it is used.
        public static let pinToBeChanged = Flags(rawValue: 64)
        /// The PIN is entered on the device itself.
        public static let pinPad = Flags(rawValue: 128)
        /// Nothing can be stored or deleted.
        public static let writeProtected = Flags(rawValue: 256)
        /// The PIN is still the one that everybody knows.
        public static let pinDefault = Flags(rawValue: 512)
        /// The PUK is still the one that everybody knows.
        public static let pukDefault = Flags(rawValue: 1024)
        /// The management key is still the one that everybody knows.
        public static let managementKeyDefault = Flags(rawValue: 2048)
        /// No PUK is accepted any more.
        public static let pukLocked = Flags(rawValue: 4096)
    }

    /// Something else that is known, by a name of its backend's: its module, the deviations that are allowed for.
    public struct Property: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The value, as a person reads it.
        public var value: String

        /// Makes a property.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Selects this token, without secrets.
    public var uri: KeyStoreURI
    /// The token's label, without padding.
    public var label: String
    /// Who made it.
    public var manufacturer: String
    /// The model.
    public var model: String
    /// The serial number as the token gives it.
    public var serial: String
    /// The slot, reader or folder, for a person. Not an identifier: slots and readers move.
    public var location: String
    /// States.
    public var flags: Flags
    /// How many PIN tries are left, where the device tells.
    public var triesLeft: Int?
    /// What else is known of the token and its driver, for a person.
    public var properties: [Property]

    /// Makes a description; a backend fills in what it knows.
    public init(
        uri: KeyStoreURI, label: String, manufacturer: String = "", model: String = "", serial: String = "",
        location: String = "", flags: Flags = [], triesLeft: Int? = nil,
        properties: [Property] = []
    ) {
        self.uri = uri
        self.label = label
        self.manufacturer = manufacturer
        self.model = model
        self.serial = serial
        self.location = location
        self.flags = flags
        self.triesLeft = triesLeft
        self.properties = properties
    }
}
