import KeyStoreCore
import KeyStoreTLS
import NIOCore
import NIOHTTP1
import NIOSSL
import SwiftASN1
import X509

/// Logs an identity in at one of its controllers over mutual TLS, with the private key staying in its store.
///
/// The controllers are those of the identity file, `ztAPI` first. The next one is tried where one is not reached, does not
/// answer in time, is not trusted, or says that it cannot work now; never where it refuses the identity.
public struct Authenticator: Sendable {
    /// The identity.
    public let identity: IdentityFile
    /// What the controller is told of this program.
    public var client: ClientInfo
    /// The time limit for everything that is said to one controller, in seconds.
    public var timeoutSeconds: Int
    /// Through which proxies controllers are reached; none unless it is set.
    public var proxy = ProxySettings()

    /// Prepares to log in; nothing happens yet.
    public init(identity: IdentityFile, client: ClientInfo = ClientInfo(), timeoutSeconds: Int = 30) {
        self.identity = identity
        self.client = client
        self.timeoutSeconds = timeoutSeconds
    }

    /// Logs in, asks the controller who this is, and ends the API session again unless `logsOut` is false.
    ///
    /// The key is used once for the handshake with each controller. Throws `identityInvalid` before connecting if the
    /// certificate is for another key, `keyStore` for what the store fails with, `refusedByController`, and what the
    /// transport fails with; where several controllers were tried, `underlying` is a `ControllerFailures`.
    public func authenticate(with key: KeySource, logsOut: Bool = true) async throws(EnrollmentError) -> Authentication
    {
        let opened: OpenedStore
        do {
            opened = try await key.openSession(forWriting: false, mustWrite: false)
        } catch {
            throw EnrollmentError(error)
        }
        do throws(EnrollmentError) {
            let result = try await authenticate(with: opened.session, uri: key.uri, logsOut: logsOut)
            await opened.close()
            return result
        } catch {
            await opened.close()
            throw error
        }
    }

    private func authenticate(
        with session: any KeyStoreSession, uri: KeyStoreURI, logsOut: Bool
    ) async throws(EnrollmentError) -> Authentication {
        let key: any Key
        let publicKey: PublicKey
        do throws(KeyStoreError) {
            key = try await session.key(at: uri)
            publicKey = try await key.publicKey()
        } catch {
            throw EnrollmentError(error)
        }
        try identity.requireCertificate(of: publicKey)

        let uses = SharedValue<[TLSPrivateKey.Use]>([])
        let algorithms = key.info.algorithms.filter { identity.extras.algorithms?.contains($0) ?? true }
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
        var passedOver: [ControllerAttempt] = []
        for controller in identity.controllers {
            do throws(EnrollmentError) {
                var result = try await logIn(at: controller, tls: tls, uses: uses, logsOut: logsOut)
                result.passedOver = passedOver
                return result
            } catch {
                guard error.mayPassElsewhere, !Task.isCancelled else { throw error }
                passedOver.append(ControllerAttempt(controller: controller, error: error))
            }
        }
        throw .noneServed(passedOver)
    }

    private func logIn(
        at controller: ControllerAddress, tls: TLSConfiguration, uses: SharedValue<[TLSPrivateKey.Use]>, logsOut: Bool
    ) async throws(EnrollmentError) -> Authentication {
        uses.update { $0 = [] }
        let connection = ControllerConnection(
            controller, tls: tls, proxy: try proxy.proxy(for: controller), deadline: .within(seconds: timeoutSeconds))
        do throws(EnrollmentError) {
            var result = try await logIn(at: controller, over: connection, logsOut: logsOut)
            if let use = uses.current.first {
                result.signatureAlgorithm = use.algorithm
                result.tlsVersion = use.tlsVersion == .tlsv13 ? "1.3" : use.tlsVersion == .tlsv12 ? "1.2" : ""
            }
            await connection.close()
            return result
        } catch {
            await connection.close()
            // What the key failed with says more than "handshake failed".
            if let failure = uses.current.compactMap(\.failure).first { throw EnrollmentError(failure) }
            throw error
        }
    }

    private func logIn(
        at controller: ControllerAddress, over connection: ControllerConnection, logsOut: Bool
    ) async throws(EnrollmentError) -> Authentication {
        let body = try client.requestBody()
        let answer = try await connection.send(
            .POST, "/authenticate?method=cert", headers: [("Content-Type", "application/json")], body: body)
        guard answer.status == 200 else { throw answer.refused() }
        let session = try APISessionAnswer(answer, of: "authenticate")
        guard let token = session.token, session.id != nil else {
            throw EnrollmentError(.answerInvalid, "the controller gave no API session token")
        }
        let headers = [("zt-session", token)]
        let identity: CurrentIdentity
        let current: APISessionAnswer
        let currentID: String
        do throws(EnrollmentError) {
            identity = try await get("/current-identity", headers, over: connection)
                .data(CurrentIdentity.self, of: "/current-identity")
            let path = "/current-api-session"
            current = try APISessionAnswer(await get(path, headers, over: connection), of: path)
            guard let id = current.id else {
                throw EnrollmentError(.answerInvalid, "the controller does not name the API session")
            }
            currentID = id
        } catch {
            if logsOut { _ = try? await connection.send(.DELETE, "/current-api-session", headers: headers) }
            let isHalf = session.wantsSecondFactor && error.refusal?.status == 401
            throw isHalf ? SecondFactor.required(status: 401) : error
        }
        var isLoggedOut = false
        if logsOut {
            let answer = try await connection.send(.DELETE, "/current-api-session", headers: headers)
            guard answer.status == 200 else { throw answer.refused() }
            isLoggedOut = true
        }
        return Authentication(
            controller: controller, identityID: PlainText.clean(identity.id),
            identityName: PlainText.clean(identity.name ?? ""),
            apiSessionID: currentID, expiresAt: current.expiresAt ?? "",
            authenticatorID: current.authenticatorID ?? session.authenticatorID ?? "",
            isRenewalRequested: current.isExtendRequested ?? session.isExtendRequested ?? false,
            tlsVersion: "", signatureAlgorithm: nil, isLoggedOut: isLoggedOut)
    }

    private func get(
        _ path: String, _ headers: [(String, String)], over connection: ControllerConnection
    ) async throws(EnrollmentError) -> ControllerAnswer {
        let answer = try await connection.send(.GET, path, headers: headers)
        guard answer.status == 200 else { throw answer.refused() }
        return answer
    }

    private struct CurrentIdentity: Decodable {
        let id: String
        let name: String?
    }
}
