/// Who else than the controller itself vouches for a client. What another process put into the folder is found.
extension State {
    func add(_ authority: ThirdPartyAuthority) throws {
        try values.withLock { values in
            try folder?.write(authority, .authorities, authority.id)
            values.authorities[authority.id] = authority
        }
    }

    func add(_ signer: TokenSigner) throws {
        try values.withLock { values in
            try folder?.write(signer, .signers, signer.id)
            values.signers[signer.id] = signer
        }
    }

    /// All authorities, oldest first.
    func authorities() throws -> [ThirdPartyAuthority] {
        let all = try folder?.readAll(ThirdPartyAuthority.self, .authorities)
        return (all ?? values.withLock { Array($0.authorities.values) }).sorted { $0.createdAt < $1.createdAt }
    }

    /// All signers, oldest first.
    func signers() throws -> [TokenSigner] {
        let all = try folder?.readAll(TokenSigner.self, .signers)
        return (all ?? values.withLock { Array($0.signers.values) }).sorted { $0.createdAt < $1.createdAt }
    }

    func authority(_ id: String) throws -> ThirdPartyAuthority? {
        try authorities().first { $0.id == id }
    }
}
