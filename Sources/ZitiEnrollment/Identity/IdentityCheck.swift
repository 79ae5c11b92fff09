public import FoundationEssentials
import Glibc
import KeyStoreCore
import SwiftASN1
import X509

/// Looks an identity over: first what its file alone tells, then its key, then whether the controller lets it in.
public struct IdentityCheck: Sendable {
    /// A certificate that expires within so many seconds is worth a warning: 30 days.
    public static let warningSeconds: Double = 30 * 86_400

    /// The identity.
    public let identity: IdentityFile
    /// Its file; nil for one that is in memory only.
    public let path: String?
    /// Through which proxies the controller is reached; none unless it is set.
    public var proxy = ProxySettings()

    /// Prepares to look; nothing happens yet.
    public init(_ identity: IdentityFile, path: String? = nil) {
        self.identity = identity
        self.path = path
    }

    /// What the file alone tells. Opens no store, and asks nobody.
    public func findings(at now: Date = Date()) async -> [IdentityFinding] {
        var findings: [IdentityFinding] = []
        if let path { findings += fileFindings(path) }
        findings += controllerFindings()
        if !identity.holdsPrivateKey {
            do throws(EnrollmentError) {
                _ = try identity.keyReference()
            } catch {
                findings.append(IdentityFinding(.key, error))
            }
        }
        guard let leaf = try? identity.leaf() else { return findings }
        findings.append(validity(of: leaf, at: now))
        findings.append(await chain(of: leaf, at: now))
        return findings
    }

    /// Whether the certificate is for the private key that the file holds itself. Not looked at where only a backend could read
    /// that key.
    public func ownKeyFinding() -> IdentityFinding {
        guard let pem = PEMText.strip(identity.key), let key = try? Certificate.PrivateKey(pemEncoded: pem),
            let leaf = try? identity.leaf()
        else {
            return IdentityFinding(.certificate, .skipped, "the private key in the file cannot be read here")
        }
        guard leaf.publicKey == key.publicKey else {
            return IdentityFinding(
                .certificate,
                EnrollmentError(
                    .identityInvalid, "the certificate in the identity file is not for the private key in it",
                    hint: "Check where 'id.key' and 'id.cert' come from."))
        }
        return IdentityFinding(.certificate, .passed, "the certificate is for the private key in the file")
    }

    /// Whether the key is where the file says, and the certificate is for it. The second finding is left out where the
    /// first failed.
    public func keyFindings(_ source: KeySource) async -> [IdentityFinding] {
        let opened: OpenedStore
        do {
            opened = try await source.openSession(forWriting: false, mustWrite: false)
        } catch {
            return [IdentityFinding(.key, EnrollmentError(error))]
        }
        var findings: [IdentityFinding] = []
        do throws(KeyStoreError) {
            let key = try await opened.session.key(at: source.uri)
            let publicKey = try await key.publicKey()
            findings.append(IdentityFinding(.key, .passed, "\(publicKey.type) key \(key.info.uri)"))
            do throws(EnrollmentError) {
                try identity.requireCertificate(of: publicKey)
                findings.append(IdentityFinding(.certificate, .passed, "the certificate is for this key"))
            } catch {
                findings.append(IdentityFinding(.certificate, error))
            }
        } catch {
            findings.append(IdentityFinding(.key, EnrollmentError(error)))
        }
        await opened.close()
        return findings
    }

    /// Whether the controller lets the identity in. Uses the key once.
    public func controllerFinding(_ source: KeySource, timeoutSeconds: Int = 30) async -> IdentityFinding {
        do throws(EnrollmentError) {
            var authenticator = Authenticator(identity: identity, timeoutSeconds: timeoutSeconds)
            authenticator.proxy = proxy
            let result = try await authenticator.authenticate(with: source)
            let text = "\(result.controller) accepts it as \(result.identityName) (\(result.identityID))"
            guard result.isRenewalRequested else { return IdentityFinding(.controller, .passed, text) }
            return IdentityFinding(
                .controller, .warning, text + ", and asks for the certificate to be renewed",
                hint: "Run 'ziti-keystore identity renew'.")
        } catch {
            return IdentityFinding(.controller, error)
        }
    }

    // MARK: The file alone

    private func fileFindings(_ path: String) -> [IdentityFinding] {
        var status = stat()
        let isOpen = stat(path, &status) == 0 && status.st_mode & 0o077 != 0
        let secret =
            identity.holdsPrivateKey
            ? "the private key itself" : KeyStoreURI.redact(identity.key) != identity.key ? "a PIN" : nil
        var findings: [IdentityFinding] = []
        switch (secret, isOpen) {
        case (let secret?, true):
            findings.append(
                IdentityFinding(
                    .file, .warning, "the file holds \(secret), and others than its owner can read it",
                    hint: "chmod 600, and 'ziti-keystore identity convert --to native' takes secrets out."))
        case (let secret?, false):
            findings.append(
                IdentityFinding(
                    .file, .warning, "the file holds \(secret)",
                    hint: "'ziti-keystore identity convert --to native' takes secrets out."))
        case (nil, _): findings.append(IdentityFinding(.file, .passed, "the file holds no secret"))
        }
        findings += identity.certificateFiles.filter(Self.isWritableByOthers).map { named in
            IdentityFinding(
                .file, .warning, "'\(named)', where the file has certificates, can be written by others than its owner",
                hint: "chmod go-w: whoever writes there says whom this identity trusts.")
        }
        if let left = RenewalFiles.leftOver(beside: path) {
            findings.append(
                IdentityFinding(
                    .renewal, .warning, "'\(left)' is left of a renewal that was not finished",
                    hint: "Run the same 'identity renew' or 'identity roll' again: it goes on where it stopped."))
        }
        return findings
    }

    private static func isWritableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o022 != 0
    }

    /// Addresses of controllers that nothing logs in at.
    private func controllerFindings() -> [IdentityFinding] {
        identity.controllerAPIs.enumerated().compactMap { index, text in
            guard ControllerAddress(text, allowsClientAPI: true) == nil else { return nil }
            return IdentityFinding(
                .file, .warning, "'ztAPIs[\(index)]' is no controller's address, https://HOST:PORT, and is passed over",
                hint: "Correct the address, or take it out of the file.")
        }
    }

    private func validity(of leaf: Certificate, at now: Date) -> IdentityFinding {
        let until = leaf.notValidAfter.formatted(.iso8601)
        guard leaf.notValidBefore <= now else {
            return IdentityFinding(
                .validity,
                EnrollmentError(
                    .identityInvalid,
                    "the certificate is not valid before \(leaf.notValidBefore.formatted(.iso8601))",
                    hint: "Check this machine's clock."))
        }
        guard now <= leaf.notValidAfter else {
            return IdentityFinding(
                .validity,
                EnrollmentError(
                    .identityInvalid, "the certificate expired at \(until)",
                    hint: "Some controllers still renew it: 'ziti-keystore identity renew'. Or enroll anew."))
        }
        guard !IdentityCertificate(leaf).expires(withinSeconds: Self.warningSeconds, of: now) else {
            return IdentityFinding(
                .validity, .warning, "the certificate expires soon, at \(until)",
                hint: "Run 'ziti-keystore identity renew'.")
        }
        return IdentityFinding(.validity, .passed, "the certificate is valid until \(until)")
    }

    /// Where the certificate leads to. Its dates are another finding's business: an expired one is looked at as it was.
    private func chain(of leaf: Certificate, at now: Date) async -> IdentityFinding {
        let presented = identity.certificates.dropFirst().compactMap { try? Certificate(derEncoded: $0) }
        let trust: ControllerTrust
        do {
            trust = try ControllerTrust(authorities: identity.authorities)
        } catch {
            return IdentityFinding(
                .chain,
                EnrollmentError(
                    .identityInvalid, "the authorities in the file cannot be used: \(error.message)",
                    hint: "Correct 'id.ca'; the controller's administrator has its root.", underlying: error))
        }
        do throws(EnrollmentError) {
            let time = min(max(now, leaf.notValidBefore), leaf.notValidAfter)
            try await trust.verifyIssued(leaf: leaf, presented: presented, at: time)
            return IdentityFinding(
                .chain, .passed, "\(identity.certificates.count) in the file, leading to its authorities")
        } catch {
            let authorities = identity.authorities.compactMap { try? Certificate(derEncoded: $0) }
            guard !authorities.isEmpty, !authorities.contains(where: { $0.subject == leaf.issuer }),
                let last = presented.last ?? Optional(leaf),
                !authorities.contains(where: { $0.subject == last.issuer })
            else {
                return IdentityFinding(
                    .chain,
                    EnrollmentError(
                        .identityInvalid, error.message,
                        hint:
                            "Authorities or intermediates in the file may be out of date: 'ziti-keystore identity renew' "
                            + "brings new ones, if the controller lets the identity in.", underlying: error))
            }
            return IdentityFinding(
                .chain, .warning,
                "the certificate was issued by '\(PlainText.clean("\(last.issuer)"))', "
                    + "which is none of the file's authorities",
                hint: "That is so for certificates of an authority of your own; the controller must know it.")
        }
    }
}
