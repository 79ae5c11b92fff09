extension [Double] {
    /// The middle value, or the mean of the two in the middle; not a number for an empty array.
    var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        let half = count / 2
        return count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
