/// The values of the attribute `type` (RFC 7512 §2.3).
enum ObjectType: String, CaseIterable {
    case `private`
    case `public`
    case cert
    case secretKey = "secret-key"
    case data
}
