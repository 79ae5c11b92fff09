import CP11Kit

/// A session of the module's. Its handle is a number that the module may give to another session later, so that what was
/// found through it is remembered by `number`, which is never given twice.
final class ModuleSession: @unchecked Sendable {
    let handle: CK_SESSION_HANDLE
    let isWritable: Bool
    let number: Int
    /// Which of the pool's connections to the token it belongs to.
    let epoch: Int
    /// The session of this backend's that used it last and will want it again, as object handles were found through it; 0 for
    /// none. Guarded by the pool.
    var owner = 0
    /// Whether it was closed while it was borrowed. Guarded by the pool.
    var isClosed = false

    init(_ handle: CK_SESSION_HANDLE, isWritable: Bool, number: Int, epoch: Int) {
        self.handle = handle
        self.isWritable = isWritable
        self.number = number
        self.epoch = epoch
    }
}
