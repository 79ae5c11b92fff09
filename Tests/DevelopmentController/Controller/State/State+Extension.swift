internal import FoundationEssentials

/// Authenticators after enrollment: listed, used, extended.
extension State {
    /// The certificates an identity authenticates with, oldest first.
    func authenticators(identityID: String) -> [Authenticator] {
        values.withLock { values in
            values.authenticators.values.filter { $0.identityID == identityID }.sorted { $0.createdAt < $1.createdAt }
        }
    }

    /// An authenticator by its id, whoever's it is.
    func authenticator(id: String) -> Authenticator? {
        values.withLock { values in values.authenticators.values.first { $0.id == id } }
    }

    /// Remembers that a client authenticated with a certificate.
    func noteUse(fingerprint: String, isProper: Bool, now: Date) {
        values.withLock { values in
            values.authenticators[fingerprint]?.lastUsedAt = now
            values.authenticators[fingerprint]?.lastUseWasProper = isProper
        }
    }

    /// Stores the certificate that an extension issued, in the place of one that was never verified.
    func setPending(_ pending: PendingCertificate, fingerprint: String) throws {
        try values.withLock { values in
            guard var authenticator = values.authenticators[fingerprint] else { return }
            authenticator.pending = pending
            try folder?.write(authenticator, .authenticators, authenticator.id)
            values.authenticators[fingerprint] = authenticator
        }
    }

    /// Makes the pending certificate the one that counts, in one step, and forgets that an extension was wished for.
    ///
    /// False if meanwhile that certificate is not the pending one any more.
    func adopt(_ pending: PendingCertificate, fingerprint: String) throws -> Bool {
        try values.withLock { values in
            guard var authenticator = values.authenticators[fingerprint],
                authenticator.pending?.fingerprint == pending.fingerprint
            else { return false }
            authenticator.fingerprint = pending.fingerprint
            authenticator.certificatePEM = pending.certificatePEM
            authenticator.pending = nil
            try folder?.write(authenticator, .authenticators, authenticator.id)
            values.authenticators[fingerprint] = nil
            values.authenticators[pending.fingerprint] = authenticator
            values.extensionRequests[authenticator.identityID] = nil
            folder?.remove(.extensions, authenticator.identityID)
            return true
        }
    }

    // MARK: Requests of an administrator

    func requestExtension(_ request: ExtensionRequest) throws {
        try values.withLock { values in
            try folder?.write(request, .extensions, request.identityID)
            values.extensionRequests[request.identityID] = request
        }
    }

    /// The extension that an identity was asked for, if it was. One that another process put into the folder is found.
    func extensionRequest(identityID: String) throws -> ExtensionRequest? {
        try values.withLock { values in
            guard let folder else { return values.extensionRequests[identityID] }
            return try folder.read(ExtensionRequest.self, .extensions, identityID)
        }
    }

    /// The identities of a name, or the one of an id.
    func identities(nameOrID: String) -> [Identity] {
        values.withLock { values in
            if let identity = values.identities[nameOrID] { return [identity] }
            return values.identities.values.filter { $0.name == nameOrID }
        }
    }
}
