@testable import DevelopmentController
import Foundation
import Testing

/// Dates as they are written.
struct CalendarTimeTests {
    @Test(arguments: [
        (0.0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00.000Z"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00.000Z"),
        (1_795_438_277.943784, "Mon, 23 Nov 2026 12:51:17 GMT", "2026-11-23T12:51:17.943Z"),
        (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT", "2099-12-31T23:59:59.000Z"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59.000Z"),
    ])
    func aDateIsWrittenInUTC(_ seconds: Double, _ http: String, _ milliseconds: String) {
        let time = CalendarTime(Date(timeIntervalSince1970: seconds))
        #expect(time.httpDate == http)
        #expect(time.milliseconds == milliseconds)
    }

    @Test func goDropsTheZerosAtTheEndOfAFraction() {
        #expect(
            CalendarTime(Date(timeIntervalSince1970: 1_795_438_277.5)).goText == "2026-11-23 12:51:17.5 +0000 UTC")
        #expect(CalendarTime(Date(timeIntervalSince1970: 1_795_438_277)).goText == "2026-11-23 12:51:17 +0000 UTC")
    }
}
