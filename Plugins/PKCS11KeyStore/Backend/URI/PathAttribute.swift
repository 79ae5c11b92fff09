/// The path attributes of RFC 7512 §2.3, in the order of the normal form: the token first, the object last.
enum PathAttribute: String, CaseIterable {
    case token
    case manufacturer
    case model
    case serial
    case libraryManufacturer = "library-manufacturer"
    case libraryDescription = "library-description"
    case libraryVersion = "library-version"
    case slotManufacturer = "slot-manufacturer"
    case slotDescription = "slot-description"
    case slotID = "slot-id"
    case id
    case object
    case type

    /// The longest value in bytes: the length of the module's own field, or what this backend reads of an object.
    var maximumLength: Int {
        switch self {
        case .model, .serial: 16
        case .slotDescription: 64
        case .id: ObjectRecord.maximumIDLength
        case .object: ObjectRecord.maximumLabelLength
        default: 32
        }
    }

    /// Whether the value is text; the others are bytes (RFC 7512 §2.3, `pk11-id`).
    var isText: Bool { self != .id }

    /// Whether it describes an object and not where the object is.
    var describesObject: Bool { self == .id || self == .object || self == .type }
}
