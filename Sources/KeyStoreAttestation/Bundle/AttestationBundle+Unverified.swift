extension AttestationBundle {
    /// Whether the attestation, if it is genuine, meets the requirements. Proves nothing: for whoever keeps an attestation to
    /// be verified elsewhere, and must not keep that of another key. Throws what a requirement that is not met throws.
    public func requireUnverified(_ requirements: AttestationRequirements) throws(AttestationError) {
        try requirements.check(AttestationStatement(leaf))
    }
}
