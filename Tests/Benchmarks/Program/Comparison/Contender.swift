/// One of several that do the same work.
struct Contender {
    let name: String
    /// What it must hold to beside the comparison's baseline, if anything.
    var target: Target?
    /// Does the work once.
    let run: () throws -> Sample
}
