import CP11Kit
import KeyStoreCore

extension PKCS11Key {
    /// Runs an operation that may fail in a way that leaves it open, which would spoil every later one in the module's
    /// session: that is replaced then. One that finds the session already stuck is done again in a new one.
    func freeingTheSession<Result>(
        _ operation: String, _ body: (CK_OBJECT_HANDLE) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        func attempt() throws(KeyStoreError) -> Result {
            try perform(operation) { handle throws(KeyStoreError) in
                do throws(KeyStoreError) {
                    return try body(handle)
                } catch {
                    try? session.replaceSession()
                    throw error
                }
            }
        }
        do {
            return try attempt()
        } catch {
            // Not where a PIN was sent before.
            guard error.native?.number == Int64(CKR_OPERATION_ACTIVE), error.native?.function == "C_DecryptInit" else {
                throw error
            }
            return try attempt()
        }
    }
}
