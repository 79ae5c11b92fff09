/// How long one loop measures.
enum Limit {
    case milliseconds(Int)
    /// So many turns.
    case turns(Int)
}
