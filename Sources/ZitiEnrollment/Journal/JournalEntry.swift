/// A record of a journal, and how its journal is spoken of.
protocol JournalEntry: Codable {
    /// The format's version.
    var format: Int { get }
    /// What the journal is of.
    static var purpose: String { get }
    /// The same with its article.
    static var purposeWithArticle: String { get }
    /// What another process that holds the journal means.
    static var busyCode: EnrollmentError.Code { get }
    /// What to do about that.
    static var busyHint: String { get }
    /// Whether the journal may be of the output's owner instead of this process's user.
    static var mayBeOfOutputOwner: Bool { get }
}

extension JournalEntry {
    static var mayBeOfOutputOwner: Bool { false }
}

/// The journal of an enrollment.
typealias EnrollmentJournal = Journal<JournalRecord>
/// The journal of a renewal or a key roll.
typealias RenewalJournal = Journal<RenewalRecord>
