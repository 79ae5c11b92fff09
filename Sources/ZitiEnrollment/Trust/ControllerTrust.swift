import struct FoundationEssentials.Date
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// The certificate authorities of a controller: what its own certificate, and those it issues, must lead to.
struct ControllerTrust {
    /// How long all of them may be in DER: as PEM in an identity file, they leave half of it for what else it holds.
    private static let maximumLength = IdentityFile.maximumLength * 3 / 8

    /// All of them in DER, sorted, so that two fetches of the same authorities give the same text. TLS is given them all: a
    /// chain ends in one that signs itself, and intermediates that a controller does not send are found here.
    let authorities: [[UInt8]]

    private let rootStore: CertificateStore
    private let intermediates: [Certificate]

    /// Takes the controller's authorities and those that the operator trusts besides, all in DER. Certificates that are no
    /// authorities are left out. Throws `caBundleInvalid` for one that does not parse, if no root is among them, or if they are
    /// more than could be read again from where they are kept.
    init(authorities: [[UInt8]], additional: [Certificate] = []) throws(EnrollmentError) {
        var certificates: [Certificate] = additional
        for (index, der) in authorities.enumerated() {
            do {
                certificates.append(try Certificate(derEncoded: der))
            } catch {
                throw EnrollmentError(
                    .caBundleInvalid, "certificate \(index + 1) in the controller's list of authorities cannot be read",
                    hint: "Ask the controller's administrator.", underlying: error)
            }
        }
        certificates = certificates.filter(\.isAuthority)
        guard !certificates.isEmpty else {
            throw EnrollmentError(
                .caBundleInvalid, "the controller's list of authorities holds no certificate authority",
                hint: "Ask the controller's administrator.")
        }
        let roots = certificates.filter(\.isRoot)
        guard !roots.isEmpty else {
            throw EnrollmentError(
                .caBundleInvalid, "the controller's list of authorities holds no root, only intermediates",
                hint: "Pass the root with --ca, or ask the controller's administrator.")
        }
        self.authorities = try Self.sorted(certificates)
        guard self.authorities.count <= CertificateList.maximumCount,
            self.authorities.reduce(0, { $0 + $1.count }) <= Self.maximumLength
        else {
            throw EnrollmentError(
                .caBundleInvalid,
                "the controller's authorities and those of --ca are \(self.authorities.count) certificates, more than can be kept",
                hint: "Pass fewer with --ca, or ask the controller's administrator for a shorter list.")
        }
        rootStore = CertificateStore(roots)
        intermediates = certificates
    }

    /// Checks the server's chain and host name. Throws `certificateNotTrusted`.
    func verifyServer(
        leaf: Certificate, presented: [Certificate], address: ControllerAddress
    ) async throws(EnrollmentError) {
        var verifier = Verifier(rootCertificates: rootStore) {
            RFC5280Policy()
            CriticalExtensions()
            ServerIdentityPolicy(
                serverHostname: address.isIPAddress ? nil : address.host,
                serverIP: address.isIPAddress ? address.host : nil)
        }
        let result = await verifier.validate(
            leaf: leaf, intermediates: CertificateStore(presented + intermediates))
        guard case .couldNotValidate(let failures) = result else { return }
        throw EnrollmentError(
            .certificateNotTrusted,
            "the certificate that \(address) presents does not lead to the authorities that it serves"
                + Self.reason(failures),
            hint: "Somebody may stand between, or the controller is set up wrongly. Ask its administrator.")
    }

    /// Checks the chain of a certificate that the controller issued, its dates too: as they are now, or were at another time.
    /// Throws `certificateMismatch`.
    func verifyIssued(
        leaf: Certificate, presented: [Certificate], at time: Date? = nil
    ) async throws(EnrollmentError) {
        var verifier = Verifier(rootCertificates: rootStore) {
            if let time { RFC5280Policy(fixedExpiryValidationTime: time) } else { RFC5280Policy() }
            CriticalExtensions()
        }
        let result = await verifier.validate(
            leaf: leaf, intermediates: CertificateStore(presented + intermediates))
        guard case .couldNotValidate(let failures) = result else { return }
        throw EnrollmentError(
            .certificateMismatch,
            "the certificate does not lead to the controller's authorities" + Self.reason(failures))
    }

    private static func reason(_ failures: [CertificateValidationResult.PolicyFailure]) -> String {
        guard let failure = failures.first else { return "" }
        return ": " + PlainText.clean(String(words(failure.policyFailureReason.description).prefix(300)))
    }

    /// The library's words with the name of a certificate where they hold the whole of it, behind which stands what is wrong.
    private static func words(_ reason: String) -> String {
        let parts = reason.split(separator: "Certificate(version", maxSplits: 1)
        guard parts.count == 2, let end = parts[1].lastIndex(of: ")") else { return reason }
        let name = parts[1].split(separator: "subject: \"", maxSplits: 1).last?.prefix { $0 != "\"" } ?? ""
        return "\(parts[0])'\(name)'\(parts[1][end...].dropFirst())"
    }

    private static func sorted(_ certificates: [Certificate]) throws(EnrollmentError) -> [[UInt8]] {
        var encoded: [[UInt8]] = []
        for certificate in certificates { encoded.append(try certificate.derBytes) }
        return Set(encoded).sorted { $0.lexicographicallyPrecedes($1) }
    }
}

extension Certificate {
    /// Whether the certificate says that it may issue others.
    var isAuthority: Bool {
        if case .isCertificateAuthority = try? extensions.basicConstraints { true } else { false }
    }

    /// Whether it is signed by its own key.
    var isRoot: Bool { isAuthority && subject == issuer && publicKey.isValidSignature(signature, for: self) }
}
