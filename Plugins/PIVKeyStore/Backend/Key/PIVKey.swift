import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// A private key in a slot, found and ready to be used.
final class PIVKey: BackendKey {
    let info: KeyInfo
    let session: PIVSession
    let record: SlotRecord
    /// In which of the connections to the card the slot was looked at.
    private var generation: Int

    init(_ session: PIVSession, _ record: SlotRecord) throws(KeyStoreError) {
        self.session = session
        self.record = record
        info = try record.info(on: session.identity)
        generation = session.connection.generation
    }

    func publicKey() throws(KeyStoreError) -> PublicKey {
        guard let publicKey = record.publicKey else {
            throw KeyStoreError(
                .unsupportedMechanism,
                "this library has no public keys of the type \(record.algorithm?.name ?? "unknown")",
                operation: "read public key", subject: info.uri.text)
        }
        return publicKey
    }

    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        do throws(KeyStoreError) {
            guard info.algorithms.contains(algorithm), let kind = record.algorithm else {
                throw KeyStoreError(.unsupportedMechanism, "this key does not sign with \(algorithm)")
            }
            let block = try block(for: input, form, algorithm, kind)
            let signature = try use(kind, block, operation: "sign")
            guard SignatureShape.fits(signature, kind) else {
                throw KeyStoreError(
                    .invalidReply, "the card gave a signature of \(signature.count) bytes that is none of this key's")
            }
            return signature
        } catch {
            throw error.during("sign", of: info.uri.text)
        }
    }

    /// What the card is given: a digest, a padded block, or for Ed25519 the message.
    private func block(
        for input: UnsafeRawBufferPointer, _ form: SigningForm, _ algorithm: SignatureAlgorithm, _ kind: Algorithm
    ) throws(KeyStoreError) -> [UInt8] {
        guard let hash = algorithm.hash else {
            guard form == .message else { throw KeyStoreError(.unsupportedMechanism, "Ed25519 signs messages only") }
            guard input.count <= Self.maximumMessageLength else {
                throw KeyStoreError(
                    .unsupportedMechanism,
                    "the card hashes messages for Ed25519 itself, and takes \(Self.maximumMessageLength) bytes at most")
            }
            return Array(input)
        }
        let digest = form == .digest ? Array(input) : try Digest.compute(input, hash)
        guard digest.count == hash.digestLength else {
            throw KeyStoreError(
                .invalidData, "the digest is \(digest.count) bytes long and must be \(hash.digestLength)")
        }
        guard let length = kind.modulusLength else { return digest }
        let block = try digest.withRawBytes { digest throws(KeyStoreError) in
            try SignatureBlock.make(digest, algorithm, hash, length: length)
        }
        guard let block else {
            throw KeyStoreError(.unsupportedMechanism, "the key is too short for \(algorithm)")
        }
        return block
    }

    // MARK: The card

    /// Uses the private key, with the PIN and the touch that it wants.
    func use(
        _ kind: Algorithm, _ input: [UInt8], isPoint: Bool = false, operation: String
    ) throws(KeyStoreError) -> [UInt8] {
        let touch = record.touchPolicy.map { $0 != .never } ?? false
        if touch {
            session.provider.host.notice(
                .touchAwaited(
                    "\(session.identity.label), to \(operation) with the key in slot \(record.slot.text)"))
        }
        defer {
            if touch { session.provider.host.notice(.awaitedDone("The \(session.identity.label) waits for no touch.")) }
        }
        do throws(KeyStoreError) {
            return try session.perform(operation, login: loginNeed, before: demandSameKey) {
                applet throws(KeyStoreError) in
                let answer = try applet.use(record.slot, kind, input, isPoint: isPoint)
                if answer.status == .wrongData { try demandKey(applet) }
                return try Applet.result(try answer.checked(.generalAuthenticate, during: operation))
            }
        } catch {
            throw meaning(of: error, operation)
        }
    }

    /// What the key's policy demands, as far as the session may log in.
    private var loginNeed: LoginNeed { session.options.login == .never ? .never : record.loginNeed }

    /// What a refusal means once it is known that the PIN was right.
    private func meaning(of error: KeyStoreError, _ operation: String) -> KeyStoreError {
        guard error.statusWord == .notAuthenticated, !error.isAboutLogin else { return error }
        if loginNeed == .never, record.loginNeed != .never {
            return KeyStoreError.card(
                .notAuthenticated, .generalAuthenticate, .pinRequired,
                "the key needs a login, and the session has none",
                during: operation)
        }
        guard record.touchPolicy != .never else { return error }
        return KeyStoreError.card(
            .notAuthenticated, .generalAuthenticate, .touchTimeout,
            "the card waited for a touch that did not come, or was refused", during: operation)
    }

    /// Looks into the slot again where the card was out or was reset since, within a transaction.
    private func demandSameKey(_ applet: Applet) throws(KeyStoreError) {
        guard generation != session.connection.generation else { return }
        try demandKey(applet)
        generation = session.connection.generation
    }

    /// Throws unless the key in the slot is the one that was found there.
    private func demandKey(_ applet: Applet) throws(KeyStoreError) {
        guard let now = try session.record(of: record.slot, applet, looksForCertificate: false) else {
            throw KeyStoreError(.noSuchKey, "the key is not in the slot any more")
        }
        guard now.publicKey == record.publicKey, now.algorithm == record.algorithm else {
            throw KeyStoreError(.identityChanged, "another key stands where the known one was")
        }
    }

    /// What fits into an APDU chain that every firmware takes, with the template around it.
    private static let maximumMessageLength = 3000
}
