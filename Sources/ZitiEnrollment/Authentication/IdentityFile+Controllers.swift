package import KeyStoreCore
import X509

extension IdentityFile {
    /// How many controllers of a network are ever tried.
    public static let maximumControllers = 16

    /// The controllers to log in at, in the order in which they are tried: `ztAPI`, then those of `ztAPIs`, each once.
    /// Addresses in `ztAPIs` that cannot be read are passed over, as are those beyond `maximumControllers`.
    public var controllers: [ControllerAddress] {
        controller.followed(by: controllerAPIs.compactMap { ControllerAddress($0, allowsClientAPI: true) })
    }

    /// Throws `identityInvalid` unless the certificate is for this public key.
    package func requireCertificate(of publicKey: PublicKey) throws(EnrollmentError) {
        guard let leaf = certificates.first.flatMap({ try? Certificate(derEncoded: $0) }),
            let ours = try? Certificate.PublicKey(derEncoded: publicKey.der), leaf.publicKey == ours
        else {
            throw EnrollmentError(
                .identityInvalid, "the certificate in the identity file is not for this key",
                hint: "Check that 'id.key' names the key that was enrolled.",
                underlying: KeyStoreError(.identityChanged, "the key has another public key than the certificate"))
        }
    }
}

extension ControllerAddress {
    /// This controller and the others after it, each once, and no more than `IdentityFile.maximumControllers`.
    package func followed(by others: some Sequence<ControllerAddress>) -> [ControllerAddress] {
        var all = [self]
        for address in others where all.count < IdentityFile.maximumControllers {
            let isKnown = all.contains { $0.host.lowercased() == address.host.lowercased() && $0.port == address.port }
            if !isKnown { all.append(address) }
        }
        return all
    }
}
