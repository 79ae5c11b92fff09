/// One of several that do the same work.
struct Contender {
    let name: String
    /// What it must hold to beside the others, if anything.
    var targets: [Target] = []
    /// In how many rounds it takes part, from the first; nil for all. For those that take very long.
    var rounds: Int?
    /// Does the work once.
    let run: () throws -> Sample
}
