import KeyStoreCore

extension ComparisonResult {
    /// The comparison for people: which key, which paths, and a table with a column for each path.
    var text: String {
        var parts = [headline, legend, table]
        let common = findings.commonFeatures
        if !common.isEmpty { parts.append((["Every path:"] + common).joined(separator: "\n  ")) }
        for (title, outcome) in Self.trials {
            let outcomes = findings.compactMap { finding in finding[keyPath: outcome].map { (finding, $0) } }
            guard !outcomes.isEmpty else { continue }
            var table = TextTable()
            for (finding, outcome) in outcomes { table.add(["  \(finding.path.title)", outcome.text]) }
            parts.append("\(title):\n\(table.text)")
        }
        return parts.joined(separator: "\n\n")
    }

    private static var trials: [(title: String, outcome: KeyPath<PathFinding, TrialOutcome?>)] {
        [("A wrong PIN", \.wrongPIN), ("Unplugged", \.unplugged), ("Plugged in again", \.replugged)]
    }

    private var headline: String {
        let key = findings[0].publicKey
        return """
            One key, \(key.type), on \(findings.count) paths; each one's signature verified with every other's public key.
            SHA-256 of the public key: \(KeyProof.fingerprint(key))
            """
    }

    private var legend: String {
        var table = TextTable()
        for finding in findings {
            table.add(["  \(finding.path.title)", finding.backend.version, finding.path.reference.redacted])
        }
        return table.text
    }

    private var table: String {
        var table = TextTable()
        func add(_ title: String, _ cell: (PathFinding) -> String) { table.add([title] + findings.map(cell)) }
        func yes(_ value: Bool) -> String { value ? "yes" : "-" }
        add("") { $0.path.title }
        add("open the store") { LatencyText.text($0.times.open) }
        add("log in") { LatencyText.text($0.times.login) }
        add("find the key") { LatencyText.text($0.times.find) }
        add("sign \(algorithm), median of \(findings[0].signatures.count)") { LatencyText.text($0.signatures.median) }
        add("sign \(algorithm), 95 % within") { LatencyText.text($0.signatures.p95) }
        add("sent to open, log in, find / sign") { $0.calls?.text ?? "not told" }
        add("protected by") { $0.key.protection.isEmpty ? "nothing" : $0.key.protection.names.joined(separator: ", ") }
        add("can be copied out") { yes($0.key.isExtractable) }
        for name in findings.propertyNames {
            add(name) { finding in finding.key.properties.first { $0.name == name }?.value ?? "-" }
        }
        for feature in findings.differingFeatures { add(feature.text) { yes($0.features.contains(feature)) } }
        return table.text
    }
}
