import Foundation
import FoundationXML
import KeyStoreCore
import Testing

@testable import ziti_keystore

/// The chart of a comparison.
struct LatencyChartTests {
    @Test(arguments: [
        "sample", "<&\"'>]]>", "\u{1B}\u{0}\n\u{FFFF}", "a name that is longer than its column is wide", "ö✓",
    ])
    func itIsWellFormedWhateverBackendsAreCalled(_ name: String) throws {
        let result = ComparisonResult(
            algorithm: .ecdsaP256SHA256,
            findings: [try ComparisonSample.finding(1, name: name), try ComparisonSample.finding(2)])
        let svg = LatencyChart(result).svg
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") \(svg)")
        #expect(svg.utf8.count < 10_000)
    }

    @Test func itHasEachPathWithItsTimesAndAxesWithUnits() throws {
        let fast = try ComparisonSample.finding(1, name: "fast")
        let slow = try ComparisonSample.finding(
            2, name: "slow", times: KeySteps(open: 2_000_000_000, login: 1, find: 1),
            signatures: Array(repeating: 300_000_000, count: 20))
        let svg = LatencyChart(ComparisonResult(algorithm: .ecdsaP256SHA256, findings: [fast, slow])).svg
        for text in [
            "1 fast", "2 slow", "EC P-256", "ES256", "time in s<", "time in ms<", "1.23 ms<", "2.00 s<",
            "50.0 µs (60.0 µs)", "300 ms (300 ms)", "open<", "log in<", "find<",
            "2 slow: sample:object=2<",
        ] { #expect(svg.contains(text), "\(text) is missing") }
    }

    @Test(arguments: [
        0, 1, 7, 999, 1000, 59_000, 61_000, 999_999, 1_000_000, 12_345_678, 999_999_999, 3_600_000_000_000,
    ])
    func anAxisHasSixRoundStepsAtMostAndHoldsItsTime(_ nanoseconds: Int) {
        let scale = ChartScale(upTo: nanoseconds)
        #expect((2...7).contains(scale.ticks.count))
        #expect(scale.ticks.first == 0)
        #expect(Double(nanoseconds) / scale.unit.nanoseconds <= (scale.ticks.last ?? 0) * 1.000_001)
        #expect((0...1).contains(scale.position(nanoseconds)))
        let labels = scale.ticks.map(scale.label)
        #expect(Set(labels).count == labels.count, "\(labels)")
    }
}
