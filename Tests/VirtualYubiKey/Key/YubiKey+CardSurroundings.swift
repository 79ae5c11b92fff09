internal import Foundation

extension YubiKey: CardSurroundings {
    /// Called with the lock held, which is let go of for as long as it takes.
    func awaitTouch() -> Bool {
        currentTouchCount += 1
        isWaitingForTouch = true
        condition.broadcast()
        defer { isWaitingForTouch = false }
        let start = Date()
        while !isLeavingReader {
            let end: Date
            switch currentTouch {
            case .granted: return true
            case .denied: return false
            case .grantedAfter(let seconds):
                end = start.addingTimeInterval(seconds)
                if Date() >= end { return true }
            case .never(let seconds):
                end = start.addingTimeInterval(seconds)
                if Date() >= end { return false }
            case .byHand(let seconds):
                end = start.addingTimeInterval(seconds)
                if givenTouches > 0 {
                    givenTouches -= 1
                    return true
                }
                if Date() >= end { return false }
            }
            _ = condition.wait(until: end)
        }
        return false
    }

    /// Likewise.
    func work() { pause(currentLatency) }

    /// The state is lost to a test that cannot write its file, which then cannot go on.
    func save(_ state: CardState) {
        do { try file?.save(state) } catch { fatalError("the state of key \(state.serial) cannot be saved: \(error)") }
    }

    /// Waits so long, or until the key leaves its reader.
    func pause(_ seconds: Double) {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end, !isLeavingReader { _ = condition.wait(until: end) }
    }
}
