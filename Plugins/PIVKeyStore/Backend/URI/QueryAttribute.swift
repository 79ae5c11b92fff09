/// The query attributes that this backend knows.
enum QueryAttribute: String {
    case pinSource = "pin-source"
    case pinValue = "pin-value"
    case backend
}
