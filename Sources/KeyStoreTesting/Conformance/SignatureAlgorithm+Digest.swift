import Crypto
import KeyStoreCore

extension SignatureAlgorithm {
    /// The digest that the algorithm signs, or nil where it signs messages.
    func digest(of message: [UInt8]) -> [UInt8]? {
        switch hash {
        case .sha256: Array(SHA256.hash(data: message))
        case .sha384: Array(SHA384.hash(data: message))
        case .sha512: Array(SHA512.hash(data: message))
        case nil: nil
        }
    }
}
