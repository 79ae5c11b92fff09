internal import Synchronization

/// The controllers of the network, the one that was started first at the head; shared by those that belong together.
final class Cluster: Sendable {
    /// One controller: its URL and, if it runs here, its server certificate in DER and the key of that.
    struct Member: Sendable {
        var url: String
        var certificate: [UInt8]?
        var key: SigningKey?

        /// The SHA-1 of the certificate.
        var fingerprint: String? { certificate.map { Identifier.fingerprint(ofCertificate: $0) } }
    }

    /// The file in a controller's folder that names further controllers.
    static let file = "peers.json"

    private let known = Mutex<[Member]>([])
    private let folder: Folder?

    init(_ folder: Folder?) {
        self.folder = folder
    }

    func add(_ member: Member) {
        known.withLock { known in
            known.removeAll { $0.url == member.url }
            known.append(member)
        }
    }

    func remove(url: String) {
        known.withLock { known in known.removeAll { $0.url == url } }
    }

    /// All of them; what another process wrote into the folder is found.
    func members() throws -> [Member] {
        let written = try folder?.read([String].self, Cluster.file) ?? []
        return known.withLock { known in
            known + written.filter { url in !known.contains { $0.url == url } }.map { Member(url: $0) }
        }
    }
}
