import struct FoundationEssentials.Date
import X509

/// Which of the certificates that are to be trusted BoringSSL is given.
enum TrustRoots {
    /// All in their order, but those that it would use wrongly.
    ///
    /// It takes an authority by its name and key, and looks for no other when that one has expired. Of several that have both and
    /// their issuer in common, as an authority and what it was renewed from, there stays the current one that lasts longest. And
    /// of an intermediate among them it does not ask what it is for, so that one for other purposes than servers' goes. It does
    /// not ask for the length of its paths and for unknown critical extensions either.
    static func usable(_ roots: [[UInt8]]) -> [[UInt8]] {
        let now = Date()
        var best: [Authority: Candidate] = [:]
        var unusable: Set<Int> = []
        for (index, der) in roots.enumerated() {
            // What cannot be read is for BoringSSL to refuse.
            guard let certificate = try? Certificate(derEncoded: der) else { continue }
            guard isForServers(certificate) else {
                unusable.insert(index)
                continue
            }
            let isCurrent = certificate.notValidBefore <= now && now <= certificate.notValidAfter
            let candidate = Candidate(index: index, isCurrent: isCurrent, end: certificate.notValidAfter)
            let authority = Authority(certificate)
            guard let other = best[authority] else {
                best[authority] = candidate
                continue
            }
            let isBetter = candidate.isBetter(than: other)
            unusable.insert(isBetter ? other.index : index)
            if isBetter { best[authority] = candidate }
        }
        return roots.enumerated().filter { !unusable.contains($0.offset) }.map(\.element)
    }

    private static func isForServers(_ certificate: Certificate) -> Bool {
        guard certificate.subject != certificate.issuer else { return true }
        guard let uses = try? certificate.extensions.extendedKeyUsage else { return true }
        return uses.contains(.serverAuth) || uses.contains(.any)
    }

    private struct Authority: Hashable {
        let subject: DistinguishedName
        let issuer: DistinguishedName
        let key: Certificate.PublicKey

        init(_ certificate: Certificate) {
            subject = certificate.subject
            issuer = certificate.issuer
            key = certificate.publicKey
        }
    }

    private struct Candidate {
        let index: Int
        let isCurrent: Bool
        let end: Date

        func isBetter(than other: Candidate) -> Bool {
            isCurrent == other.isCurrent ? end > other.end : isCurrent
        }
    }
}
