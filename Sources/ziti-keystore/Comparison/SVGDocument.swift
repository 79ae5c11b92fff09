/// A drawing as SVG (SVG 2), of rectangles, lines and text.
struct SVGDocument {
    enum Anchor: String {
        case start, middle, end
    }

    private let width: Int
    private var body = ""

    init(width: Int) { self.width = width }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String, title: String = "") {
        let shape =
            "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
        body +=
            title.isEmpty
            ? "\(shape) fill=\"\(fill)\"/>\n"
            : "\(shape) fill=\"\(fill)\"><title>\(Self.escaped(title))</title></rect>\n"
    }

    mutating func line(from: (x: Double, y: Double), to: (x: Double, y: Double), stroke: String, width: Double = 1) {
        body += "<line x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" x2=\"\(number(to.x))\" y2=\"\(number(to.y))\" "
        body += "stroke=\"\(stroke)\" stroke-width=\"\(number(width))\"/>\n"
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, fill: String = "#222", isBold: Bool = false
    ) {
        let weight = isBold ? " font-weight=\"bold\"" : ""
        body +=
            "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\" fill=\"\(fill)\"\(weight)>"
        body += "\(Self.escaped(text))</text>\n"
    }

    /// The whole document, on white, with a title for those who do not see it.
    func document(height: Double, title: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(number(height))" \
        viewBox="0 0 \(width) \(number(height))" role="img" font-family="sans-serif" font-size="13">
        <title>\(Self.escaped(title))</title>
        <rect width="100%" height="100%" fill="#fff"/>
        \(body)</svg>

        """
    }

    /// Text as XML has it (XML 1.0, 2.4), without characters that XML does not know (2.2).
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "?"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private func number(_ value: Double) -> String { LatencyText.fixed(value, decimals: 1) }
}
