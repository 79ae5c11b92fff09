/// The JWS algorithms (RFC 7518 §3.1) that controllers sign enrollment JWTs with. No other is accepted.
enum JWTAlgorithm: String {
    case rs256 = "RS256"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
}
