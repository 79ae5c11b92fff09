import CLibCrypto
import KeyStoreCore

/// OpenSSL's error queue of this thread. Every entry into this module begins and ends with it empty, so that neither
/// another library's errors are taken for ours nor ours for theirs.
enum ErrorQueue {
    /// Runs `body` between two clearings of the queue.
    static func bracketed<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return try body()
    }

    /// The oldest entry, which is the cause of the others, as the failure of `function`.
    static func cause(in function: String) -> NativeError {
        let code = ERR_peek_error()
        let name = ERR_reason_error_string(code).map { String(cString: $0) } ?? ""
        return NativeError(domain: "OpenSSL", function: function, name: name, number: Int64(code))
    }

    /// An error with the oldest entry as its cause.
    static func failure(
        _ code: KeyStoreError.Code, _ message: String, in function: String
    ) -> KeyStoreError {
        KeyStoreError(code, message, native: cause(in: function))
    }

    /// A failure that nothing outside explains: memory, or OpenSSL's configuration.
    static func failure(in function: String) -> KeyStoreError {
        failure(.backendFailure, "OpenSSL's \(function) failed", in: function)
    }

    /// Empties the queue, and says whether a wrong passphrase had left something in it.
    static func takeWrongPassphrase() -> Bool {
        var isWrong = false
        while true {
            let code = ERR_get_error()
            if code == 0 { return isWrong }
            if keystore_error_is_wrong_passphrase(code) != 0 { isWrong = true }
        }
    }
}
