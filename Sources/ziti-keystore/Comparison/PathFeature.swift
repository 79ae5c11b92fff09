import KeyStoreCore

/// Something that a path can do and another perhaps cannot.
struct PathFeature: Hashable, Sendable {
    /// What kind it is: "signs".
    let kind: String
    /// Which of them: "ES256".
    let name: String

    var text: String { "\(kind) \(name)" }
}

extension PathFinding {
    /// What the path can do, in a fixed order.
    var features: [PathFeature] {
        key.algorithms.map { PathFeature(kind: "signs", name: "\($0)") }
            + key.decryptionAlgorithms.map { PathFeature(kind: "decrypts", name: "\($0)") }
            + (key.canAgree ? [PathFeature(kind: "derives", name: "secrets")] : [])
            + backend.abilities.names.map { PathFeature(kind: "ability", name: $0) }
    }
}

extension [PathFinding] {
    /// What some paths can do and others cannot, in order.
    var differingFeatures: [PathFeature] { features { $0 < count } }

    /// What every path can do, kind by kind: "signs PS256, RS256", "ability delete".
    var commonFeatures: [String] {
        var kinds: [(kind: String, names: [String])] = []
        for feature in features({ $0 == count }) {
            if kinds.last?.kind == feature.kind {
                kinds[kinds.count - 1].names.append(feature.name)
            } else {
                kinds.append((feature.kind, [feature.name]))
            }
        }
        return kinds.map { "\($0.kind) \($0.names.joined(separator: ", "))" }
    }

    /// What this path can do and no other.
    func onlyFeatures(of index: Int) -> [PathFeature] {
        let others = Set(enumerated().filter { $0.offset != index }.flatMap(\.element.features))
        return self[index].features.filter { !others.contains($0) }
    }

    /// The features that as many paths have as is wanted.
    private func features(_ isWanted: (Int) -> Bool) -> [PathFeature] {
        var all: [PathFeature] = []
        for feature in flatMap(\.features) where !all.contains(feature) { all.append(feature) }
        return all.filter { feature in isWanted(filter { $0.features.contains(feature) }.count) }
    }
}
