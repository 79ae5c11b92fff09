extension Double {
    /// With so many digits after the point.
    func text(digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(self) * scale).rounded())
        let whole = String(scaled / Int(scale))
        let sign = self < 0 && scaled != 0 ? "-" : ""
        guard digits > 0 else { return sign + whole }
        let rest = String(scaled % Int(scale))
        return "\(sign)\(whole).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }

    /// Whole where it is whole, else with one digit.
    var short: String { self == rounded() ? text(digits: 0) : text(digits: 1) }

    /// With as many digits as there are, two at most.
    var brief: String { (self * 10) == (self * 10).rounded() ? short : text(digits: 2) }
}
