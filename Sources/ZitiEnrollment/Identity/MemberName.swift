/// The name of a JSON object's member, whatever it is.
struct MemberName: CodingKey, Hashable {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<MemberName> {
    /// The members that are not among the given names.
    func others(than known: [String]) throws -> [String: JSONNode] {
        var others: [String: JSONNode] = [:]
        for name in allKeys where !known.contains(name.stringValue) {
            others[name.stringValue] = try decode(JSONNode.self, forKey: name)
        }
        return others
    }
}

extension KeyedEncodingContainer<MemberName> {
    /// Writes members that were carried along.
    mutating func encode(_ others: [String: JSONNode]) throws {
        for (name, value) in others { try encode(value, forKey: MemberName(name)) }
    }
}
