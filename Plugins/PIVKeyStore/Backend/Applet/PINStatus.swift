/// What the card says of its PIN without being given one.
enum PINStatus: Equatable {
    /// Somebody has given the right one.
    case verified
    /// It has to be given, and may be wrong so many times; 15 stands for more too.
    case needed(triesLeft: Int)
}
