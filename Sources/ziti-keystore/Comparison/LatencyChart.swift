import KeyStoreCore

/// The times of a comparison as a drawing: above, what it takes to have the key; below, what a signature takes.
struct LatencyChart {
    private static let width = 800
    private static let left = 150.0
    private static let axisWidth = 500.0
    private static let rowHeight = 30.0
    // Colours that people with every kind of colour vision tell apart.
    private static let stepColours = ["#4477aa", "#ccbb44", "#228833"]
    private static let signColour = "#4477aa"
    private static let lineColour = "#ddd"
    private static let axisColour = "#555"

    /// The document.
    let svg: String

    init(_ result: ComparisonResult) {
        var drawing = SVGDocument(width: Self.width)
        let findings = result.findings
        let title = "One key, \(findings[0].publicKey.type), on \(findings.count) paths"
        drawing.text(title, x: 20, y: 28, isBold: true)

        drawing.text("Until the key is there: median of the openings", x: 20, y: 58)
        Self.drawLegend(&drawing, y: 58)
        var y = Self.drawPanel(
            &drawing, y: 68, titles: findings.map(\.path.title),
            scale: ChartScale(upTo: findings.map { $0.times.all.reduce(0, +) }.max() ?? 0)
        ) { drawing, row, y, scale in
            var start = 0
            for (step, time) in findings[row].times.all.enumerated() {
                let from = scale.position(start)
                start += time
                drawing.rectangle(
                    x: Self.left + from * Self.axisWidth, y: y + 6,
                    width: (scale.position(start) - from) * Self.axisWidth,
                    height: Self.rowHeight - 12, fill: Self.stepColours[step], title: LatencyText.text(time))
            }
            return (LatencyText.text(start), scale.position(start))
        }

        y += 30
        drawing.text(
            "One \(result.algorithm) signature: median of \(findings[0].signatures.count), and a line to (what 95 % of them stay within)",
            x: 20, y: y)
        y = Self.drawPanel(
            &drawing, y: y + 10, titles: findings.map(\.path.title),
            scale: ChartScale(upTo: findings.map(\.signatures.p95).max() ?? 0)
        ) { drawing, row, y, scale in
            let statistics = findings[row].signatures
            let end = Self.left + scale.position(statistics.median) * Self.axisWidth
            let farEnd = Self.left + scale.position(statistics.p95) * Self.axisWidth
            drawing.rectangle(
                x: Self.left, y: y + 6, width: end - Self.left, height: Self.rowHeight - 12, fill: Self.signColour,
                title: LatencyText.text(statistics.median))
            let middle = y + Self.rowHeight / 2
            drawing.line(from: (end, middle), to: (farEnd, middle), stroke: "#222", width: 1.5)
            drawing.line(from: (farEnd, middle - 5), to: (farEnd, middle + 5), stroke: "#222", width: 1.5)
            let label = "\(LatencyText.text(statistics.median)) (\(LatencyText.text(statistics.p95)))"
            return (label, scale.position(statistics.p95))
        }
        // A backend may be there twice: the references tell which is which.
        y += 12
        for path in findings.map(\.path) {
            y += 18
            drawing.text(
                "\(Self.shortened(path.title, to: 18)): \(Self.shortened(path.reference.redacted, to: 100))", x: 20,
                y: y,
                fill: Self.axisColour)
        }
        svg = drawing.document(height: y + 16, title: title)
    }

    private static func drawLegend(_ drawing: inout SVGDocument, y: Double) {
        for (index, name) in ["open", "log in", "find"].enumerated() {
            let x = left + 320 + Double(index) * 80
            drawing.rectangle(x: x, y: y - 10, width: 11, height: 11, fill: stepColours[index])
            drawing.text(name, x: x + 16, y: y)
        }
    }

    /// Draws an axis with its grid, and a row for each path by `bar`, which answers what to write beside it and where it
    /// ends. Answers where the panel ends.
    private static func drawPanel(
        _ drawing: inout SVGDocument, y: Double, titles: [String], scale: ChartScale,
        bar: (inout SVGDocument, Int, Double, ChartScale) -> (label: String, end: Double)
    ) -> Double {
        let bottom = y + Double(titles.count) * rowHeight
        for tick in scale.ticks {
            let x = left + scale.position(ofTick: tick) * axisWidth
            drawing.line(from: (x, y), to: (x, bottom + 4), stroke: lineColour)
            drawing.text(scale.label(tick), x: x, y: bottom + 19, anchor: .middle, fill: axisColour)
        }
        for (row, title) in titles.enumerated() {
            let top = y + Double(row) * rowHeight
            drawing.text(shortened(title, to: 18), x: left - 10, y: top + rowHeight / 2 + 4, anchor: .end)
            let (label, end) = bar(&drawing, row, top, scale)
            drawing.text(label, x: left + end * axisWidth + 8, y: top + rowHeight / 2 + 4)
        }
        drawing.line(from: (left, bottom), to: (left + axisWidth, bottom), stroke: axisColour)
        drawing.text(
            "time in \(scale.unit.symbol)", x: left + axisWidth / 2, y: bottom + 37, anchor: .middle, fill: axisColour)
        return bottom + 40
    }

    /// The text without its middle, where it is longer.
    private static func shortened(_ text: String, to length: Int) -> String {
        text.count > length ? "\(text.prefix(length / 2))…\(text.suffix(length - length / 2 - 1))" : text
    }
}
