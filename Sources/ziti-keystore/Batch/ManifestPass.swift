/// One pass over a manifest, in which rows are taken several at a time.
struct ManifestPass: Sendable {
    /// The most rows that are under way at a time.
    let jobs: Int
    /// The part of the manifest whose rows are taken; nil for all of it.
    let shard: Shard?
    /// Whether no row is to be begun any more.
    let isOver: @Sendable () -> Bool
    /// Takes a row, and is told how much of the manifest has been read by then.
    let take: @Sendable (_ entry: ManifestEntry, _ fraction: Double) async -> Void

    /// Takes the rows. Where the manifest cannot be read any further, the rows under way come to their end before that is
    /// thrown: one that has sent its one-time token would lose the answer.
    func run(_ reader: any ManifestReader) async throws {
        let failure: (any Error)? = await withTaskGroup(of: Void.self) { group in
            var failure: (any Error)?
            var running = 0
            while !isOver() {
                let entry: ManifestEntry
                do {
                    guard let next = try reader.next() else { break }
                    entry = next
                } catch {
                    failure = error
                    break
                }
                guard shard?.contains(entry.name) ?? true else { continue }
                if running == jobs {
                    await group.next()
                    running -= 1
                    // Meanwhile it may have been stopped.
                    if isOver() { break }
                }
                let fraction = reader.fraction
                group.addTask { await take(entry, fraction) }
                running += 1
            }
            await group.waitForAll()
            return failure
        }
        if let failure { throw failure }
    }
}
