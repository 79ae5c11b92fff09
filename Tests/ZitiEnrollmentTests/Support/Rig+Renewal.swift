import DevelopmentController
import KeyStoreCore
import TemporaryFiles

@testable import ZitiEnrollment

extension Rig {
    /// A controller and an identity that is enrolled.
    static func enrolled(
        key type: KeyType = .ecP256, script: ScriptedStore.Script = .init()
    ) async throws -> Rig {
        let rig = try await start(key: type, script: script)
        try await rig.enroll()
        return rig
    }

    /// Renews, or with `roll` changes the key, which is in `other`; `stop` ends it at a milestone as a kill would.
    @discardableResult
    func renew(
        roll: KeyRoll? = nil, in other: ScriptedStore? = nil, path: String? = nil, ifDueWithinSeconds: Double? = nil,
        timeoutSeconds: Int = 300, proxy: ProxySettings = ProxySettings(),
        tells messages: RenewalMessages = RenewalMessages(), stop: RenewalMilestone? = nil,
        at listener: @escaping @Sendable (RenewalMilestone) -> Void = { _ in }
    ) async throws(EnrollmentError) -> RenewalResult {
        var renewal = Renewal(
            path: path ?? output, roll: roll,
            options: RenewalOptions(
                ifDueWithinSeconds: ifDueWithinSeconds, timeoutSeconds: timeoutSeconds, proxy: proxy))
        renewal.milestone = { (milestone) throws(RenewalMilestone.Interruption) in
            listener(milestone)
            if milestone == stop { throw RenewalMilestone.Interruption() }
        }
        let stores = [store] + (other.map { [$0] } ?? [])
        return try await renewal.run(
            finding: { (uri) throws(KeyStoreError) in
                let token = { (uri: KeyStoreURI) in uri.text.prefix { $0 != ";" } }
                guard let store = stores.first(where: { token($0.uri) == token(uri) }) else {
                    throw KeyStoreError(.noSuchToken, "no store has \(uri)")
                }
                return KeySource(store: store, uri: uri, pin: .none)
            }, progress: { messages.append($0) })
    }

    /// Whether the identity file logs in with its key.
    func logsIn(_ other: ScriptedStore? = nil) async throws -> Bool {
        let identity = try identity()
        let uri = try identity.keyReference()
        let isOther = other.map { uri.text.hasPrefix($0.uri.text.prefix { $0 != ";" }) } ?? false
        do {
            _ = try await Authenticator(identity: identity, timeoutSeconds: 300)
                .authenticate(with: KeySource(store: isOther ? other ?? store : store, uri: uri, pin: .none))
            return true
        } catch {
            guard error.refusal?.status == 401 else { throw error }
            return false
        }
    }

    /// How often a request to a path's end was made.
    func count(_ suffix: String) -> Int { controller.requests.filter { $0.path.hasSuffix(suffix) }.count }

    /// The controller answers the next request to a path's end as a real one once did.
    func answer(_ suffix: String, as recording: String) throws {
        let answer = try Recordings.answer(recording)
        controller.script(
            Fault(
                pathSuffix: suffix,
                effect: .answer(
                    status: answer.status, headers: [("Content-Type", "application/json")],
                    body: String(decoding: answer.body, as: UTF8.self))))
    }
}
