extension Array where Element == UInt8 {
    /// Whether the bytes are text.
    var isUTF8: Bool { String(validating: self, as: UTF8.self) != nil }
}
