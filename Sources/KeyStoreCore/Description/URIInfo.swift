/// A reference as its plugin reads it.
public struct URIInfo: Hashable, Sendable {
    /// A named part of a reference, as a person reads it.
    public struct Attribute: Hashable, Sendable {
        /// The attribute's name in the scheme's own words.
        public var name: String
        /// The decoded value; binary ones as hexadecimal digits, secrets masked.
        public var value: String

        /// Makes an attribute.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The same reference in the scheme's normal form, without secrets.
    public var normalised: KeyStoreURI
    /// What it says.
    public var attributes: [Attribute]
    /// What is ignored, out of date or dangerous about it, in sentences.
    public var warnings: [String]

    /// Makes a description.
    public init(normalised: KeyStoreURI, attributes: [Attribute] = [], warnings: [String] = []) {
        self.normalised = normalised
        self.attributes = attributes
        self.warnings = warnings
    }
}
