import KeyStoreCore

/// Finds the key that a reference names, or makes it there, so that neither a kill nor a failure leaves a second one.
struct KeySearch<Record: KeyRecord> {
    let session: any KeyStoreSession
    let uri: KeyStoreURI
    /// What to make; nil for a key that has to be there.
    let type: KeyType?
    let pinPolicy: PINPolicy?
    let touchPolicy: TouchPolicy?
    /// Whether a key that is there already will do, though one was to be made.
    var takesExisting = false
    let journal: Journal<Record>
    /// Whether the journal speaks of this very reference.
    var isKnown = true
    /// Whether a key that was made and is gone can be made again: nothing was asked for with it.
    var mayMakeAgain = true
    /// Told what is done.
    let tell: (String) -> Void

    /// The key, and whether this attempt made it. `mark` notes in the journal's record where a key is about to be made;
    /// `intended` and `generated` are called before and after that.
    func find(
        mark: (inout Record) -> Void = { _ in }, intended: () throws -> Void, generated: () throws -> Void
    ) async throws -> (key: any Key, isGenerated: Bool) {
        if isKnown, let text = journal.record.key {
            do {
                return (try await session.key(at: KeyStoreURI(text)), journal.record.isGenerated)
            } catch {
                guard error.code == .noSuchKey, journal.record.isGenerated, type != nil, mayMakeAgain else {
                    throw error
                }
                try journal.update { $0.forgetKey() }
            }
        }
        guard let type else { return (try await session.key(at: uri), false) }
        let wasGenerating = isKnown && journal.record.isGenerating
        if let found = try await existing(type, wasGenerating: wasGenerating) { return found }
        let wanted = NewKeyOptions(pinPolicy: pinPolicy, touchPolicy: touchPolicy)
        let policies = pinPolicy == nil && touchPolicy == nil ? nil : try requirePolicies()
        if wasGenerating {
            try await removeHalf(of: type)
        } else {
            try await session.requireNoPublicKey(at: uri)
        }
        try journal.update { record in
            mark(&record)
            record.forgetKey()
            record.isGenerating = true
        }
        try intended()
        tell("making an \(type) key")
        let key: any Key
        do throws(KeyStoreError) {
            if let policies {
                key = try await policies.generateKey(type, options: wanted, at: uri)
            } else {
                key = try await session.generateKey(type, at: uri)
            }
        } catch {
            // The store says that it made nothing, unless the answer did not come, or could not be read.
            if ![.tokenRemoved, .timedOut, .cancelled, .invalidReply].contains(error.code) {
                try journal.update { $0.isGenerating = false }
            }
            throw error
        }
        try generated()
        return (key, true)
    }

    /// The key that stands where one is to be made, if it may be used.
    private func existing(_ type: KeyType, wasGenerating: Bool) async throws -> (key: any Key, isGenerated: Bool)? {
        let key: any Key
        do {
            key = try await session.key(at: uri)
        } catch {
            guard error.code != .ambiguousKey || takesExisting else {
                throw EnrollmentError(
                    taken("there are keys already that the reference names", underlying: error)
                ).hinting("Give the new key a label or id of its own.")
            }
            guard error.code == .noSuchKey else { throw error }
            return nil
        }
        if wasGenerating {
            guard key.info.type == type else {
                throw taken("the key that an earlier attempt made is not of the type \(type)")
            }
            return (key, true)
        }
        if takesExisting { return (key, false) }
        throw EnrollmentError(taken("there is a key already that the reference names"))
            .hinting("Leave out --generate to use it, or give the new key a label or id of its own.")
    }

    private func taken(_ message: String, underlying: KeyStoreError? = nil) -> KeyStoreError {
        KeyStoreError(.keyExists, message, operation: "make key", subject: uri.text, underlying: underlying)
    }

    /// Left out, a policy would make another key than the one asked for.
    private func requirePolicies() throws(KeyStoreError) -> any KeyPolicySetting {
        if let policies = session.policies { return policies }
        throw KeyStoreError(
            .unsupportedOperation, "the backend makes no keys with policies", operation: "make key", subject: uri.text)
    }

    /// Removes the public key that a token has kept where it was stopped while making the pair, as SoftHSM does. It serves no
    /// private key, takes the label, and would be in the way for good.
    private func removeHalf(of type: KeyType) async throws(KeyStoreError) {
        guard let deleting = session.deleting else { return }
        do throws(KeyStoreError) {
            guard try await session.publicKey(at: uri).type == type else { return }
            try await deleting.deleteKey(at: uri)
            tell("removed the public half of a key that an earlier attempt began to make")
        } catch {
            guard error.code == .noSuchKey else { throw error }
        }
    }
}
