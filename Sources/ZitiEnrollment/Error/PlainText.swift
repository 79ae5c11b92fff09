/// Text from a controller that a person will see.
package enum PlainText {
    /// The longest text that is kept, in characters.
    static let maximumLength = 1000

    /// The text cut to `maximumLength`, with a space for each control character: on a terminal those are commands.
    package static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(maximumLength).map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
