/// What a controller says of an API session: to who logs in, and to who asks for it afterwards. What cannot be read of it
/// counts as not said.
package struct APISessionAnswer {
    /// The longest token that is taken, in bytes.
    static let maximumTokenLength = 4096

    /// The secret that goes with each request; nil where there is none that can stand in a header.
    package let token: String?
    /// The session's identifier.
    let id: String?
    /// Who is logged in.
    let identityID: String?
    /// When the session ends, in the controller's words.
    let expiresAt: String?
    /// The controller's record of the certificate.
    let authenticatorID: String?
    /// Whether the controller renews the certificate.
    let isExtendable: Bool?
    /// Whether the controller wants the certificate renewed.
    let isExtendRequested: Bool?
    /// Whether the controller wants another key.
    let isKeyRollRequested: Bool?
    /// Whether the controller finds that intermediates are missing from the certificate.
    let isChainIncomplete: Bool?
    /// Whether the controller wants more than a certificate before the session may do anything.
    package let wantsSecondFactor: Bool

    /// Reads an answer. Throws `answerInvalid` for one that holds no session at all.
    package init(_ answer: ControllerAnswer, of what: String) throws(EnrollmentError) {
        let contents = try answer.data(Contents.self, of: what)
        func text(_ key: Contents.CodingKeys) -> String? { try? contents.values.decode(String.self, forKey: key) }
        func flag(_ key: Contents.CodingKeys) -> Bool? { try? contents.values.decode(Bool.self, forKey: key) }
        token = text(.token).flatMap { Self.isHeaderValue($0) ? $0 : nil }
        id = text(.id).map(PlainText.clean)
        let identity = try? contents.values.decode(Reference.self, forKey: .identity)
        identityID = (text(.identityId) ?? identity?.id).map(PlainText.clean)
        expiresAt = text(.expiresAt).map(PlainText.clean)
        authenticatorID = text(.authenticatorId).map(PlainText.clean)
        isExtendable = flag(.isCertExtendable)
        isExtendRequested = flag(.isCertExtendRequested)
        isKeyRollRequested = flag(.isCertKeyRollRequested)
        isChainIncomplete = flag(.improperClientCertChain)
        let queries = try? contents.values.nestedUnkeyedContainer(forKey: .authQueries)
        wantsSecondFactor = queries?.isAtEnd == false
    }

    private static func isHeaderValue(_ text: String) -> Bool {
        (1...maximumTokenLength).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private struct Reference: Decodable { let id: String? }

    private struct Contents: Decodable {
        enum CodingKeys: CodingKey {
            case token, id, identityId, identity, expiresAt, authenticatorId, authQueries
            case isCertExtendable, isCertExtendRequested, isCertKeyRollRequested, improperClientCertChain
        }

        let values: KeyedDecodingContainer<CodingKeys>

        init(from decoder: any Decoder) throws { values = try decoder.container(keyedBy: CodingKeys.self) }
    }
}
