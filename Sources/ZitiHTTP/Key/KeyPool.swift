import KeyStoreCore

/// The handles of one key, each in a session of its own, because the operations of one session run one after the other. A
/// session is opened when all others are at work, up to a limit, and kept.
///
/// A handle whose token went away, or turned out to be another one, is let go of; the next signature opens a new session and
/// so finds the token again, or fails with what is wrong. Nothing is signed twice by itself.
actor KeyPool {
    private struct Handle {
        let session: any KeyStoreSession
        let key: any Key
    }

    private enum Turn {
        case handle(Handle)
        /// Look again: a handle went away, the pool was closed, or the waiting was given up.
        case look
    }

    private let store: any KeyStore
    private let ownsStore: Bool
    private let uri: KeyStoreURI
    private let passphrases: RememberedPassphrases
    private let publicKey: PublicKey
    private var limit: Int

    private var idle: [Handle]
    /// How many handles there are, those at work and those being opened too.
    private var count = 1
    private var waiting: [(ticket: Int, continuation: CheckedContinuation<Turn, Never>)] = []
    private var tickets = 0
    private var isClosed = false

    /// What is known of the key.
    nonisolated let info: KeyInfo

    private init(
        store: any KeyStore, ownsStore: Bool, uri: KeyStoreURI, passphrases: RememberedPassphrases, first: Handle,
        publicKey: PublicKey, limit: Int
    ) {
        self.store = store
        self.ownsStore = ownsStore
        self.uri = uri
        self.passphrases = passphrases
        self.publicKey = publicKey
        self.limit = limit
        idle = [first]
        info = first.key.info
    }

    /// Opens the first session and finds the key. The store is closed with the pool if `ownsStore` is set, and if this
    /// throws. `limit` is how many sessions there may be; nil leaves it to the pool.
    static func open(
        _ store: any KeyStore, ownsStore: Bool, uri: KeyStoreURI, pin: PINSource, limit: Int?
    ) async throws(KeyStoreError) -> (pool: KeyPool, publicKey: PublicKey) {
        let passphrases = RememberedPassphrases(pin)
        do throws(KeyStoreError) {
            let session = try await store.openSession(pin: passphrases.source)
            do throws(KeyStoreError) {
                let key = try await session.key(at: uri)
                let publicKey = try await key.publicKey()
                // A second session is of no use where each signature waits for the same person.
                let usual = key.info.protection.needsPersonEachTime ? 1 : usualLimit
                let pool = KeyPool(
                    store: store, ownsStore: ownsStore, uri: uri, passphrases: passphrases,
                    first: Handle(session: session, key: key), publicKey: publicKey, limit: max(1, limit ?? usual))
                return (pool, publicKey)
            } catch {
                await session.close()
                throw error
            }
        } catch {
            passphrases.wipe()
            if ownsStore { await store.close() }
            throw error
        }
    }

    /// What tokens have to win from more sessions, they have won by then.
    private static let usualLimit = 4

    /// How many sessions are open now.
    var sessionCount: Int { count }

    /// Signs with a handle that is free, or once one is. Throws what the key throws, and `cancelled` when the task is
    /// cancelled or the pool closed meanwhile.
    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
        do throws(KeyStoreError) {
            return try await sign(input, using: algorithm, with: try await take())
        } catch {
            // A session that still waits for a call that was given up has sent nothing; another one may.
            guard error.code == .busy, !isClosed, count < limit else { throw error }
            count += 1
            return try await sign(input, using: algorithm, with: try await open())
        }
    }

    private func sign(
        _ input: SigningInput, using algorithm: SignatureAlgorithm, with handle: Handle
    ) async throws(KeyStoreError) -> [UInt8] {
        do throws(KeyStoreError) {
            let signature = try await handle.key.sign(input, using: algorithm)
            await giveBack(handle)
            return signature
        } catch {
            if error.code == .pinIncorrect { passphrases.forget() }
            switch error.code {
            case .tokenRemoved, .identityChanged, .noSuchToken, .noSuchKey: await letGo(handle)
            case .busy, .cancelled, .timedOut: await giveBack(handle, isLast: true)
            default: await giveBack(handle)
            }
            throw error
        }
    }

    private func take() async throws(KeyStoreError) -> Handle {
        while true {
            guard !isClosed else { throw closed() }
            guard !Task.isCancelled else {
                throw KeyStoreError(.cancelled, "the signature is not waited for any more", operation: "sign")
            }
            if let handle = idle.popLast() { return handle }
            if count < limit {
                count += 1
                do throws(KeyStoreError) {
                    return try await open()
                } catch {
                    // Tokens have limits of their own. One session serves too, if there is one.
                    guard count > 0, !isClosed, !error.passes else { throw error }
                    limit = count
                    continue
                }
            }
            if case .handle(let handle) = await turn() { return handle }
        }
    }

    /// Opens a session that was counted already, and counts it out again if that fails.
    private func open() async throws(KeyStoreError) -> Handle {
        do throws(KeyStoreError) {
            let session = try await store.openSession(pin: passphrases.source)
            do throws(KeyStoreError) {
                let key = try await session.key(at: uri)
                guard try await key.publicKey().der == publicKey.der else {
                    throw KeyStoreError(
                        .identityChanged, "another key stands where the known one was", operation: "find key",
                        subject: uri.text)
                }
                guard !isClosed else { throw closed() }
                return Handle(session: session, key: key)
            } catch {
                await session.close()
                throw error
            }
        } catch {
            if error.code == .pinIncorrect { passphrases.forget() }
            count -= 1
            wakeOne()
            if isClosed, count == 0, ownsStore { await store.close() }
            throw error
        }
    }

    private func turn() async -> Turn {
        tickets += 1
        let ticket = tickets
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Cancelled before it began to wait: the handler has run, and found nobody.
                if Task.isCancelled { return continuation.resume(returning: .look) }
                waiting.append((ticket, continuation))
            }
        } onCancel: {
            Task { await self.leave(ticket) }
        }
    }

    private func leave(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).continuation.resume(returning: .look)
    }

    private func wakeOne() {
        if !waiting.isEmpty { waiting.removeFirst().continuation.resume(returning: .look) }
    }

    /// `isLast` is for a handle that others are to be preferred to.
    private func giveBack(_ handle: Handle, isLast: Bool = false) async {
        guard !isClosed else { return await end(handle) }
        if !waiting.isEmpty {
            waiting.removeFirst().continuation.resume(returning: .handle(handle))
        } else if isLast {
            idle.insert(handle, at: 0)
        } else {
            idle.append(handle)
        }
    }

    private func letGo(_ handle: Handle) async {
        await end(handle)
        wakeOne()
    }

    private func end(_ handle: Handle) async {
        count -= 1
        await handle.session.close()
        if isClosed, count == 0, ownsStore { await store.close() }
    }

    /// Closes the sessions, those at work when they are done, and then the store if it is the pool's.
    func close() async {
        guard !isClosed else { return }
        isClosed = true
        passphrases.wipe()
        let handles = idle
        idle = []
        let waiters = waiting
        waiting = []
        for waiter in waiters { waiter.continuation.resume(returning: .look) }
        if count == 0, ownsStore { await store.close() }
        for handle in handles { await end(handle) }
    }

    private func closed() -> KeyStoreError {
        KeyStoreError(.cancelled, "the identity was closed", operation: "sign", subject: uri.text)
    }
}

extension KeyStoreError {
    /// Whether it says nothing about how many sessions there can be.
    fileprivate var passes: Bool {
        switch code {
        case .cancelled, .timedOut, .tokenRemoved: true
        // A token without a session left is busy too, and stays so.
        case .busy: native?.name.hasSuffix("SESSION_COUNT") != true
        default: false
        }
    }
}
