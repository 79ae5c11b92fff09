/// Why a statement does not hold.
struct Disproof: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
