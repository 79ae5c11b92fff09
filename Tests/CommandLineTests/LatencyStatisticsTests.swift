import Testing

@testable import ziti_keystore

/// The figures of a comparison, and how they are written.
struct LatencyStatisticsTests {
    @Test(arguments: [
        ([5], 5, 5), ([9, 1], 5, 9), ([3, 1, 2], 2, 3), ([4, 1, 3, 2], 2, 4), (Array(1...20), 10, 19),
        (Array((1...21).reversed()), 11, 20), (Array(1...100), 50, 95), (Array(1...101), 51, 96),
    ])
    func medianAndP95AreThoseOfTheSortedMeasurements(_ measured: [Int], _ median: Int, _ p95: Int) {
        let statistics = LatencyStatistics(measured)
        #expect(statistics.median == median)
        #expect(statistics.p95 == p95)
        #expect(statistics.count == measured.count)
        #expect(statistics.least == measured.min() && statistics.most == measured.max())
    }

    @Test(arguments: [
        (0, "0.00 µs"), (999, "1.00 µs"), (14_103, "14.1 µs"), (257_000, "257 µs"), (999_999, "1000 µs"),
        (1_000_000, "1.00 ms"), (45_678_000, "45.7 ms"), (1_050_000_000, "1.05 s"), (75_000_000_000, "75.0 s"),
    ])
    func timesAreWrittenWithThreeDigitsThatCount(_ nanoseconds: Int, _ text: String) {
        #expect(LatencyText.text(nanoseconds) == text)
    }

    @Test(arguments: [(0, "0.000"), (1, "0.001"), (14_103, "14.103"), (1_000_000, "1000.000"), (-1500, "-1.500")])
    func microsecondsInJSONLoseNothing(_ nanoseconds: Int, _ text: String) {
        #expect(JSONValue.thousandths(nanoseconds).text == text)
    }

    @Test func aTableIsAlignedAndNothingInItMovesTheCursor() {
        var table = TextTable()
        table.add(["", "1 one", "2"])
        table.add(["key", "an ö", "\u{1B}[2Jx\ny"])
        table.add(["longer", "", ""])
        #expect(table.text == "        1 one  2\nkey     an ö   ?[2Jx?y\nlonger")
    }
}
