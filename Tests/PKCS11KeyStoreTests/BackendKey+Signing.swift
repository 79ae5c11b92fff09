import KeyStoreCore
import KeyStorePlugin
import OpenSSL

@testable import PKCS11KeyStore

/// What `openssl` says of a signature.
func opensslAccepts(
    _ signature: [UInt8], of message: [UInt8], by key: PublicKey, _ algorithm: SignatureAlgorithm
) throws -> Bool {
    try OpenSSLCommand.verifies(
        signature, of: message, publicKey: key.der,
        hash: algorithm.hash.map { $0.rawValue.replacing("-", with: "").lowercased() }, isPSS: algorithm.isRSAPSS)
}

let message = Array("what is to be signed".utf8)

extension BackendKey {
    func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        try message.withRawBytes { bytes in
            try sign(bytes, form: .message, using: algorithm)
        }
    }

    func sign(digest: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        try digest.withRawBytes { bytes in
            try sign(bytes, form: .digest, using: algorithm)
        }
    }
}
