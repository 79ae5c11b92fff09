import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// A store and a session on a token, closed together.
final class OpenToken {
    let token: SoftHSMToken
    let host: TestHost
    let store: PKCS11Backend
    let session: PKCS11Session

    init(
        _ token: SoftHSMToken, _ options: SessionOptions = SessionOptions(isWritable: true), host: TestHost? = nil
    ) throws {
        self.token = token
        self.host = host ?? TestHost(pin: token.pin)
        store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(token.uri)), host: self.host)
        session = try #require(try store.openSession(options, host: self.host) as? PKCS11Session)
    }

    /// On a token of its own.
    convenience init(_ options: SessionOptions = SessionOptions(isWritable: true), host: TestHost? = nil) throws {
        try self.init(SoftHSM.shared.makeToken(label: "t\(UInt32.random(in: 0...UInt32.max))"), options, host: host)
    }

    deinit {
        session.close()
        store.close()
    }

    func uri(_ attributes: String) throws -> KeyStoreURI { try KeyStoreURI(token.uri(attributes)) }
}

/// The error that a call throws; a failed expectation if it throws none.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Value
) throws -> KeyStoreError {
    do {
        _ = try body()
    } catch let error as KeyStoreError {
        return error
    }
    return try #require(nil as KeyStoreError?, "nothing was thrown", sourceLocation: sourceLocation)
}

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

/// What `openssl` says of a signature.
func opensslAccepts(
    _ signature: [UInt8], of message: [UInt8], by key: PublicKey, _ algorithm: SignatureAlgorithm
) throws -> Bool {
    try OpenSSLCommand.verifies(
        signature, of: message, publicKey: key.der,
        hash: algorithm.hash.map { $0.rawValue.replacing("-", with: "").lowercased() }, isPSS: algorithm.isRSAPSS)
}

let message = Array("what is to be signed".utf8)
