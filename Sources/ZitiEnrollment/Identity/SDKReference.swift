import KeyStoreCore

/// What the OpenZiti SDKs take as `id.key`. It is made by the backend, and copied without being understood.
enum SDKReference {
    /// The reference. May hold a secret. Throws `keyStore`.
    static func make(
        for uri: KeyStoreURI, in session: any KeyStoreSession
    ) async throws(EnrollmentError) -> String {
        do throws(KeyStoreError) {
            guard let references = session.sdkReferences else {
                throw KeyStoreError(
                    .unsupportedOperation, "the backend has no references that the OpenZiti SDKs read",
                    operation: "make SDK reference", subject: uri.text)
            }
            let reference = try await references.sdkReference(at: uri)
            guard !reference.isEmpty, let text = reference.withBytes({ String(validating: $0, as: UTF8.self) }) else {
                throw KeyStoreError(
                    .invalidReply, "the backend gave an SDK reference that is no text",
                    operation: "make SDK reference", subject: uri.text)
            }
            return text
        } catch {
            throw EnrollmentError(error)
        }
    }

    /// The reference without the attributes that hold secrets.
    static func withoutSecrets(_ text: String) -> String {
        guard let mark = text.firstIndex(of: "?") else { return text }
        let attributes = text[text.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
            .filter { KeyStoreURI.redact(String($0)) == $0 }
        return attributes.isEmpty ? String(text[..<mark]) : "\(text[..<mark])?\(attributes.joined(separator: "&"))"
    }
}
