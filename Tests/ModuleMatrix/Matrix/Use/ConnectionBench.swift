import AsyncHTTPClient
import KeyStoreCore
import KeyStoreLoader
import MutualTLS
import NIOCore
import ZitiEnrollment
import ZitiHTTP

/// Opens the connections of one module: an identity for each type of key, and OpenSSL's server, which judges them. Used by one
/// task at a time.
final class ConnectionBench {
    /// An identity and what it shows to servers.
    private struct Client {
        let identity: ZitiIdentity
        let certificate: String
        let uses: Uses
    }

    private let token: TestToken
    private let module: MatrixModule
    private let loader: BackendLoader
    private let authority: TestAuthority
    private var clients: [KeyType: Client] = [:]

    init(_ token: TestToken, _ module: MatrixModule, _ loader: BackendLoader) throws {
        self.token = token
        self.module = module
        self.loader = loader
        authority = try TestAuthority()
    }

    /// Opens the connection. Throws unless the server got what the check says.
    func run(_ check: ConnectionCheck) async throws {
        let client = try await client(of: check.proof.type)
        let server = try OpenSSLServer(authority, check.serverArguments)
        let page = try await client.identity.withHTTPClient { http in
            let response = try await http.execute(HTTPClientRequest(url: server.url), timeout: .seconds(60))
            return String(buffer: try await response.body.collect(upTo: 1 << 16))
        }
        try server.stop()
        try check.judge(page, certificate: client.certificate)
    }

    /// Opens many connections at the same time, each of which wants a signature. Throws unless the server got all of them.
    func runTogether(_ type: KeyType, count: Int) async throws {
        let client = try await client(of: type)
        let usesBefore = client.uses.all.count
        let server = try await MutualServer(.tlsv13, authority: authority)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count {
                group.addTask { [identity = client.identity, url = server.url] in
                    try await identity.withHTTPClient { http in
                        let response = try await http.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
                        return String(buffer: try await response.body.collect(upTo: 1 << 16))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await server.close()
        guard answers == Array(repeating: "TLSv1.3 CN=client", count: count) else {
            throw BringupError("the server says \(answers)")
        }
        let uses = client.uses.all.dropFirst(usesBefore)
        guard uses.count == count, uses.allSatisfy({ $0.failure == nil }) else {
            throw BringupError("the key was used \(uses.count) times: \(uses)")
        }
    }

    /// Closes the sessions that the identities have.
    func close() async {
        for client in clients.values { await client.identity.close() }
        clients = [:]
    }

    private func client(of type: KeyType) async throws -> Client {
        if let known = clients[type] { return known }
        let uri = try module.keyURI("tls", type, on: token)
        let pin = PINSource.value(try PIN(token.pin))
        let publicKey = try await publicKey(type, at: uri, pin: pin)
        let file = try TestIdentity.file(publicKey, authority)
        let source = KeySource(uri: uri, pin: pin) { [loader] () throws(KeyStoreError) in
            try await loader.open(OpenRequest(uri: uri))
        }
        let uses = Uses()
        let client = Client(
            identity: try await ZitiIdentity.open(file, key: source, options: .init(onKeyUse: { uses.append($0) })),
            certificate: TestAuthority.pem("CERTIFICATE", file.certificates[0]), uses: uses)
        clients[type] = client
        return client
    }

    /// Makes the key, unless it is given.
    private func publicKey(_ type: KeyType, at uri: KeyStoreURI, pin: PINSource) async throws -> PublicKey {
        let store = try await loader.open(OpenRequest(uri: uri))
        let session = try await store.openSession(SessionOptions(isWritable: module.makesKeys), pin: pin)
        let key =
            if module.makesKeys { try await session.generateKey(type, at: uri).publicKey() } else {
                try await session.publicKey(at: uri)
            }
        await session.close()
        await store.close()
        return key
    }
}
