/// How a scripted fault makes an issued certificate wrong.
enum IssueVariation: Sendable {
    case anotherKey
    case expired
}
