/// The query attributes that this backend knows: those of RFC 7512 §2.3 and our own.
enum QueryAttribute: String, CaseIterable {
    case modulePath = "module-path"
    case moduleName = "module-name"
    case pinSource = "pin-source"
    case pinValue = "pin-value"
    case backend
    case isolated
    case quirks = "x-quirks"
}
