/// A version such as `v2.0.3`, and what the controllers of that version do otherwise than those before.
struct ControllerVersion: Sendable {
    let text: String
    private let major: Int
    private let minor: Int

    init(_ text: String) {
        self.text = text
        let numbers = text.drop { !$0.isNumber }.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
        major = numbers.first ?? 0
        minor = numbers.count > 1 ? numbers[1] : 0
    }

    /// The commit that the recorded controllers of the version say they are.
    var revision: String { isSecondGeneration ? "e86e337a1f36" : "d7878c55e070" }

    /// From 2.0 on.
    var isSecondGeneration: Bool { major >= 2 }

    /// From 2.1 on: enrollments are answered with the list of controllers.
    var listsControllers: Bool { major > 2 || (major == 2 && minor >= 1) }
}
