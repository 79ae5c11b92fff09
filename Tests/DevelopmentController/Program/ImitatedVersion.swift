internal import ArgumentParser

/// The versions of the real controller that ours can behave as.
enum ImitatedVersion: String, CaseIterable, ExpressibleByArgument {
    case first = "1.6"
    case second = "2.0"
    case third = "2.1"

    /// As `/version` says it.
    var text: String {
        switch self {
        case .first: "v1.6.20"
        case .second: "v2.0.3"
        case .third: "v2.1.0"
        }
    }
}
