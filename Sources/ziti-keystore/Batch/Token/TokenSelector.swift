import KeyStoreCore

/// What a reference says but for the key: the same words lead to the same token.
struct TokenSelector: Hashable {
    private let scheme: String
    /// As it is written: it may hold what is masked among the attributes.
    private let query: String
    private let attributes: Set<URIInfo.Attribute>
    private let keyNames: Set<String>

    /// `keyNames` are the attributes that name a key.
    init(_ uri: KeyStoreURI, _ info: URIInfo, keyNames: Set<String>) {
        scheme = uri.scheme
        query = uri.query ?? ""
        attributes = Self.attributes(info, keyNames)
        self.keyNames = keyNames
    }

    /// Whether another reference says the same.
    func selects(_ uri: KeyStoreURI, _ info: URIInfo) -> Bool {
        uri.scheme == scheme && (uri.query ?? "") == query && Self.attributes(info, keyNames) == attributes
    }

    private static func attributes(_ info: URIInfo, _ keyNames: Set<String>) -> Set<URIInfo.Attribute> {
        Set(info.attributes.filter { !keyNames.contains($0.name) })
    }
}
