import struct FoundationEssentials.Date

/// Names a wrong clock where it is the reason of a failure.
enum ClockSkew {
    /// What clocks may differ by, in seconds.
    static let tolerance = 60.0

    /// The error, with by how much the clocks differ if that is more than a minute. `controllerIsAhead` is what the
    /// controller's clock has more than this machine's, in seconds; nil where it did not tell the time.
    static func explain(_ error: EnrollmentError, controllerIsAhead: Double?) -> EnrollmentError {
        guard let ahead = controllerIsAhead, abs(ahead) > tolerance else { return error }
        var error = error
        let amount = words(abs(ahead))
        error.message += "; this machine's clock is \(amount) \(ahead > 0 ? "behind" : "ahead of") the controller's"
        error.hint = "Set this machine's clock, or the controller's, and run the same enrollment again."
        return error
    }

    /// "2 h 3 min", "3 d 4 h", "90 s".
    static func words(_ seconds: Double) -> String {
        let total = Int(min(seconds.rounded(), 1e12))
        let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { total >= $0.1 * ($0.0 == "min" ? 2 : 1) }) else {
            return "\(total) s"
        }
        let (name, size) = units[first]
        var text = "\(total / size) \(name)"
        if first + 1 < units.count, total % size >= units[first + 1].1 {
            text += " \(total % size / units[first + 1].1) \(units[first + 1].0)"
        }
        return text
    }
}

extension EnrollmentRun {
    /// Remembers what the controller's clock says.
    mutating func note(_ date: Date?) {
        guard let date else { return }
        controllerIsAhead = date.timeIntervalSince(now())
    }
}
