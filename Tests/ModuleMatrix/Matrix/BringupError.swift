/// Why a module could not be brought up.
struct BringupError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
