public import KeyStoreCore

/// The user name and password that an enrollment of the method `updb` sets.
public struct EnrollmentPassword: Sendable {
    /// The user's name; nil to take the one that the administrator gave. Lets an enrollment whose answer got lost find out
    /// whether the password was set.
    public var username: String?

    private let source: @Sendable () throws(KeyStoreError) -> PIN

    /// The source is asked once in a run, right before the one-time token is sent, and may wait for a person.
    public init(username: String? = nil, source: @escaping @Sendable () throws(KeyStoreError) -> PIN) {
        self.username = username
        self.source = source
    }

    func ask() throws(KeyStoreError) -> PIN { try source() }
}
