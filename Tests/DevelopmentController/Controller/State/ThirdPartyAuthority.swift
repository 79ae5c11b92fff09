internal import FoundationEssentials

/// A CA of somebody else's whose certificates the controller accepts: a CA entity of the real one.
struct ThirdPartyAuthority: Codable, Sendable {
    /// Twenty-two letters and digits, unlike the ids of other entities.
    var id: String
    var name: String
    /// One certificate or several, each of them trusted as a root.
    var certificatePEM: String
    /// Whether a certificate alone enrolls a new identity: method `ca`.
    var isAutoEnrollmentEnabled: Bool
    /// Whether a certificate with a one-time token enrolls: method `ottca`.
    var isOTTCAEnrollmentEnabled: Bool
    /// Whether it was proven that whoever added it has its key; method `ca` asks for that.
    var isVerified: Bool
    var createdAt: Date

    /// The certificates from the leaf of a chain, which was presented leaf first, to one of this authority's, in DER.
    ///
    /// Nil if no path leads there that is valid at the time and good for clients. As Go's `Verify` has it: whoever
    /// issues has to be a CA, every certificate has to be within its dates, and those that say what they are for have
    /// to say clients. Path lengths, name constraints and revocation are not looked at.
    func path(of chain: [[UInt8]], at now: Date) -> [[UInt8]]? {
        guard let leaf = chain.first.flatMap({ try? CertificateFields(der: $0) }), chain.count <= 10 else { return nil }
        let time = CalendarTime(now)
        let roots = PEM.decodeAll(certificatePEM).compactMap { try? CertificateFields(der: $0) }
        let others = chain.dropFirst().compactMap { try? CertificateFields(der: $0) }
        var path = [leaf]
        while let current = path.last, current.isValid(at: time), current.isForClients != false, path.count <= 11 {
            func issues(_ other: CertificateFields) -> Bool {
                other.isAuthority != false && current.isSigned(by: other)
            }
            if roots.contains(where: { $0.der == current.der }) { return path.map(\.der) }
            if let root = roots.first(where: { issues($0) && $0.isValid(at: time) && $0.isForClients != false }) {
                return (path + [root]).map(\.der)
            }
            guard let next = others.first(where: issues) else { return nil }
            path.append(next)
        }
        return nil
    }
}
