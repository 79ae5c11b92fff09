import KeyStoreCore
import Synchronization

/// Tells a warning once, although each path is opened several times.
final class NoticeFilter: Sendable {
    private let report: Report
    private let told = Mutex<Set<String>>([])

    init(_ report: Report) { self.report = report }

    func notice(_ notice: Notice) {
        if case .warning(let text) = notice, !told.withLock({ $0.insert(text).inserted }) { return }
        report.notice(notice)
    }
}
