import FoundationEssentials
import KeyStoreCore
import KeyStoreTLS
import NIOCore
import NIOHTTP1
import NIOSSL
import X509

/// An API session of an identity that changes its own certificate, over the TLS connection that this certificate vouches
/// for. To be closed.
struct ControllerSession {
    /// The controller that let the identity in.
    let controller: ControllerAddress
    /// The identity's identifier.
    let identityID: String
    /// The controller's record of the certificate; empty where it does not tell.
    let authenticatorID: String
    /// Whether the controller renews the certificate; nil where it does not tell.
    let isExtendable: Bool?
    /// Whether the controller wants the certificate renewed, or finds that intermediates are missing from it.
    let isExtendRequested: Bool
    /// Whether the controller wants another key.
    let isKeyRollRequested: Bool

    private let connection: ControllerConnection
    private let headers: [(String, String)]
    private let uses: SharedValue<[TLSPrivateKey.Use]>

    /// Logs in at the first of the identity's controllers that serves, by the rules of `Authenticator`. The key signs once
    /// for each that is tried.
    ///
    /// Throws `refusedByController`, `keyStore`, and what the transport fails with; where several controllers were tried,
    /// `underlying` is a `ControllerFailures`.
    static func open(
        _ identity: IdentityFile, key: any Key, publicKey: PublicKey, options: RenewalOptions
    ) async throws(EnrollmentError) -> ControllerSession {
        var passedOver: [ControllerAttempt] = []
        for address in identity.controllers {
            do throws(EnrollmentError) {
                return try await open(identity, at: address, key: key, publicKey: publicKey, options: options)
            } catch {
                guard error.mayPassElsewhere, !Task.isCancelled else { throw error }
                passedOver.append(ControllerAttempt(controller: address, error: error))
            }
        }
        throw .noneServed(passedOver)
    }

    private static func open(
        _ identity: IdentityFile, at address: ControllerAddress, key: any Key, publicKey: PublicKey,
        options: RenewalOptions
    ) async throws(EnrollmentError) -> ControllerSession {
        try identity.requireCertificate(of: publicKey)
        let uses = SharedValue<[TLSPrivateKey.Use]>([])
        let algorithms = identity.algorithms(of: key.info)
        let tlsKey = TLSPrivateKey(key, publicKey: publicKey, algorithms: algorithms) { use in
            uses.update { $0.append(use) }
        }
        guard !tlsKey.signatureAlgorithms.isEmpty else {
            throw EnrollmentError(.noUsableAlgorithm, "the \(publicKey.type) key has no algorithm for TLS")
        }
        let tls: TLSConfiguration
        do {
            tls = try .makeKeyStoreClient(
                trustRoots: identity.authorities, chain: identity.certificates, key: tlsKey)
        } catch {
            throw EnrollmentError(
                .identityInvalid, "the identity file's certificates cannot be used", underlying: error)
        }
        let body = try options.client.requestBody()
        let connection = ControllerConnection(
            address, tls: tls, proxy: try options.proxy.proxy(for: address),
            deadline: .within(seconds: options.timeoutSeconds))
        do throws(EnrollmentError) {
            let answer = try await connection.send(
                .POST, "/authenticate?method=cert", headers: [("Content-Type", "application/json")], body: body)
            guard answer.status == 200 else { throw answer.refused() }
            let session = try APISessionAnswer(answer, of: "authenticate")
            // Such a session may not renew, and would only be told that it is unauthorized.
            guard !session.wantsSecondFactor else { throw SecondFactor.required(status: answer.status) }
            return try ControllerSession(session, address, connection, uses)
        } catch {
            await connection.close()
            throw uses.current.compactMap(\.failure).first.map { EnrollmentError($0) } ?? error
        }
    }

    private init(
        _ session: APISessionAnswer, _ address: ControllerAddress, _ connection: ControllerConnection,
        _ uses: SharedValue<[TLSPrivateKey.Use]>
    ) throws(EnrollmentError) {
        guard let token = session.token else {
            throw EnrollmentError(.answerInvalid, "the controller gave no API session token")
        }
        controller = address
        identityID = session.identityID ?? ""
        authenticatorID = session.authenticatorID ?? ""
        isExtendable = session.isExtendable
        isExtendRequested = session.isExtendRequested == true || session.isChainIncomplete == true
        isKeyRollRequested = session.isKeyRollRequested ?? false
        self.connection = connection
        self.uses = uses
        headers = [("zt-session", token)]
    }

    /// Sends a request of this session, with a time limit of its own.
    func send(
        _ method: HTTPMethod, _ path: String, json: [String: String]? = nil, timeoutSeconds: Int
    ) async throws(EnrollmentError) -> ControllerAnswer {
        var headers = headers
        var body: [UInt8]?
        if let json {
            guard let encoded = try? JSONEncoder().encode(json) else {
                throw EnrollmentError(.defect, "the request cannot be encoded")
            }
            headers.append(("Content-Type", "application/json"))
            body = Array(encoded)
        }
        do throws(EnrollmentError) {
            return try await connection.send(
                method, path, headers: headers, body: body, before: .within(seconds: timeoutSeconds))
        } catch {
            throw uses.current.compactMap(\.failure).first.map { EnrollmentError($0) } ?? error
        }
    }

    /// Closes the connection, after ending the API session. Failures concern nobody any more.
    func close(loggingOut: Bool) async {
        if loggingOut {
            _ = try? await connection.send(
                .DELETE, "/current-api-session", headers: headers, before: .within(seconds: 2))
        }
        await connection.close()
    }
}
