internal import FoundationEssentials

/// A date in UTC taken apart, and the forms the controller writes it in.
struct CalendarTime: Sendable {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    let nanosecond: Int
    /// 0 is Sunday.
    let weekday: Int

    /// Takes a date apart by the proleptic Gregorian calendar.
    init(_ date: Date) {
        // Microseconds are what a Double still holds exactly for dates of this century.
        let microseconds = Int((date.timeIntervalSince1970 * 1_000_000).rounded())
        let seconds = Int((Double(microseconds) / 1_000_000).rounded(.down))
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        nanosecond = (microseconds - seconds * 1_000_000) * 1000
        hour = rest / 3600
        minute = rest % 3600 / 60
        second = rest % 60
        weekday = ((days + 4) % 7 + 7) % 7
        // Counts from 1 March of year 0, so that the leap day is the last of a year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// As in an HTTP `Date` header (RFC 9110 §5.6.7): `Mon, 23 Nov 2026 12:51:12 GMT`.
    var httpDate: String {
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(weekdays[weekday]), \(two(day)) \(months[month - 1]) \(year) \(clock) GMT"
    }

    /// As in the JSON bodies (RFC 3339 with milliseconds): `2026-11-23T12:51:17.943Z`.
    var milliseconds: String {
        "\(year)-\(two(month))-\(two(day))T\(clock).\(padded(nanosecond / 1_000_000, 3))Z"
    }

    /// As Go prints a time, which is what the `expires-at` header holds: `2026-11-23 13:21:17.943783998 +0000 UTC`.
    var goText: String {
        var fraction = padded(nanosecond, 9)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(year)-\(two(month))-\(two(day)) \(clock)\(fraction.isEmpty ? "" : "." + fraction) +0000 UTC"
    }

    /// Fourteen digits from the year to the second, as in a certificate: `20261123125117`.
    var digits: String { "\(padded(year, 4))\(two(month))\(two(day))\(two(hour))\(two(minute))\(two(second))" }

    private var clock: String { "\(two(hour)):\(two(minute)):\(two(second))" }

    private func two(_ number: Int) -> String { padded(number, 2) }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
