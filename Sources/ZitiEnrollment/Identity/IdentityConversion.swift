public import KeyStoreCore
import X509

/// Rewrites an identity file for another program. The certificate, the authorities, and members that are not understood
/// stay as they are.
public struct IdentityConversion: Sendable {
    /// What to write.
    public var style: IdentityStyle
    /// Whether the file may hold what stands for the key: the token's PIN, or the private key itself. The SDKs cannot ask
    /// for a PIN.
    public var includesSecrets: Bool
    /// Where a private key goes that the file holds itself; nil to leave it where it is, which the style `native` refuses.
    public var importPlace: KeyStoreURI?

    /// Makes a conversion.
    public init(to style: IdentityStyle, includesSecrets: Bool = false, importPlace: KeyStoreURI? = nil) {
        self.style = style
        self.includesSecrets = includesSecrets
        self.importPlace = importPlace
    }

    /// Converts an identity. `source` is where its key is, or with `importPlace` where it is to be; nil only for a file
    /// that holds the key itself and may keep it.
    ///
    /// The key is looked up in its store, and must be the certificate's. Throws `identityInvalid` for a file whose key or
    /// certificate does not fit, and `keyStore`.
    public func convert(
        _ identity: IdentityFile, key source: KeySource?
    ) async throws(EnrollmentError) -> ConvertedIdentity {
        if identity.holdsPrivateKey, importPlace == nil {
            guard style.isForSDK, let pem = PEMText.strip(identity.key) else {
                // Says why, and what to do.
                _ = try identity.keyReference()
                throw EnrollmentError(.defect, "a key in PEM was taken for a reference")
            }
            return ConvertedIdentity(identity: restyled(identity, key: style.form.pem(pem)))
        }
        guard importPlace == nil || identity.holdsPrivateKey else {
            throw EnrollmentError(
                .identityInvalid, "the identity file holds no private key that could be imported",
                hint: "It names its key already: leave out the place to import it to.")
        }
        guard let source else { throw EnrollmentError(.defect, "no key was given") }
        if importPlace != nil { try requireCertificate(ofKeyIn: identity) }
        let opened: OpenedStore
        do {
            opened = try await source.openSession(forWriting: importPlace != nil, mustWrite: importPlace != nil)
        } catch {
            throw EnrollmentError(error)
        }
        do throws(EnrollmentError) {
            let result = try await convert(identity, in: opened.session, at: source.uri)
            await opened.close()
            return result
        } catch {
            await opened.close()
            throw error
        }
    }

    private func convert(
        _ identity: IdentityFile, in session: any KeyStoreSession, at uri: KeyStoreURI
    ) async throws(EnrollmentError) -> ConvertedIdentity {
        let key: any Key
        let publicKey: PublicKey
        var taken: KeyStoreError?
        do throws(KeyStoreError) {
            if importPlace != nil { taken = try await take(identity.key, into: session, at: uri) }
            key = try await session.key(at: uri)
            publicKey = try await key.publicKey()
        } catch {
            throw EnrollmentError(taken ?? error)
        }
        do {
            try identity.requireCertificate(of: publicKey)
        } catch {
            throw taken.map { EnrollmentError($0) } ?? error
        }
        let reference = key.info.uri
        var result = ConvertedIdentity(identity: identity, key: reference, isImported: importPlace != nil)
        guard style.isForSDK else {
            result.identity = restyled(identity, key: reference.text)
            return result
        }
        let text = try await SDKReference.make(for: reference, in: session)
        if PEMText.isPEM(text) {
            result.lacksSecret = !includesSecrets
            let pem = style.form.pem(PEMText.strip(text) ?? text)
            // A key in a file has a name of its own, which the SDKs may read.
            result.identity = restyled(identity, key: includesSecrets ? pem : reference.text)
        } else {
            let safe = SDKReference.withoutSecrets(text)
            result.lacksSecret = !includesSecrets && safe != text
            result.identity = restyled(identity, key: includesSecrets ? text : safe)
        }
        return result
    }

    /// Throws `identityInvalid` for a private key in the file that is not the certificate's, before it gets into a store.
    /// What only a backend can read is looked at there.
    private func requireCertificate(ofKeyIn identity: IdentityFile) throws(EnrollmentError) {
        guard let pem = PEMText.strip(identity.key), let key = try? Certificate.PrivateKey(pemEncoded: pem) else {
            return
        }
        guard try identity.leaf().publicKey == key.publicKey else {
            throw EnrollmentError(
                .identityInvalid, "the certificate in the identity file is not for the private key in it",
                hint: "Nothing was imported. Check where 'id.key' and 'id.cert' come from.")
        }
    }

    /// Takes the private key out of the file's text. Answers `keyExists` where one is there already: this may be the key
    /// itself, which an earlier attempt imported.
    private func take(
        _ text: String, into session: any KeyStoreSession, at uri: KeyStoreURI
    ) async throws(KeyStoreError) -> KeyStoreError? {
        guard let importing = session.importing, let pem = PEMText.strip(text) else {
            throw KeyStoreError(
                .unsupportedOperation, "the backend takes no keys from outside", operation: "import key",
                subject: uri.text)
        }
        do throws(KeyStoreError) {
            _ = try await importing.importKey(pem: PIN(pem), at: uri)
            return nil
        } catch {
            guard error.code == .keyExists else { throw error }
            return error
        }
    }

    private func restyled(_ identity: IdentityFile, key: String) -> IdentityFile {
        var identity = identity
        identity.key = key
        identity.form = style.form
        switch style {
        case .native, .goSDK:
            identity.others.merge(IdentityContents.usualOthers) { old, _ in old }
            let controllers = identity.controllerAPIs.map {
                ControllerAddress($0, allowsClientAPI: true)?.clientAPI ?? $0
            }
            // The C SDK lists a controller that has no others, too.
            identity.controllerAPIs = controllers == [identity.controller.clientAPI] ? [] : controllers
        case .cSDK:
            let controllers = identity.controllerAPIs.compactMap { ControllerAddress($0, allowsClientAPI: true)?.text }
            identity.controllerAPIs = controllers.isEmpty ? [identity.controller.text] : controllers
            // The C SDK writes neither; where another value stands, it is somebody's.
            for (name, value) in IdentityContents.usualOthers where identity.others[name] == value {
                identity.others[name] = nil
            }
        }
        return identity
    }
}
