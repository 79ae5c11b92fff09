import KeyStoreCore

@testable import PKCS11KeyStore

extension PKCS11Session {
    /// Uses the session's parts as one operation would. Nothing is tried again.
    func using<Value>(_ body: () throws -> Value) throws -> Value {
        let result = try perform("test", repeatable: false) { () throws(KeyStoreError) in Result { try body() } }
        return try result.get()
    }
}
