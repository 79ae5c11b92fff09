import X509

/// The certificates that a chain of attestation may lead to. There are none by default.
public struct AttestationRoots: Sendable {
    /// The longest file that is read, in bytes.
    public static let maximumLength = 1 << 18
    private static let maximumCount = 64

    /// Those that sign themselves, which alone are trusted.
    let anchors: [Certificate]
    /// Those that a chain may pass through.
    let intermediates: [Certificate]

    /// Reads files of certificates in PEM, each of which may hold several. Trusted are those that sign themselves; the others
    /// help to find the way there, as the makers of devices do not put every intermediate on the device. Throws `rootsInvalid`
    /// for a text that is too long or holds something else, and if no root is among them all.
    public init(pem texts: [String]) throws(AttestationError) {
        var all: [Certificate] = []
        for text in texts {
            guard text.utf8.count <= Self.maximumLength else {
                throw Self.invalid("is longer than \(Self.maximumLength) bytes")
            }
            all += try CertificateText.parse(text, maximum: Self.maximumCount, failure: Self.invalid).map(\.certificate)
        }
        guard all.count <= Self.maximumCount else {
            throw Self.invalid("holds more than \(Self.maximumCount) certificates")
        }
        anchors = all.filter(\.signsItself)
        intermediates = all.filter { !$0.signsItself }
        guard !anchors.isEmpty else { throw Self.invalid("holds no root, which signs itself, only intermediates") }
    }

    private static func invalid(_ reason: String) -> AttestationError {
        AttestationError(
            .rootsInvalid, "what was given as roots \(reason)",
            hint: "Give the root certificates of the device's maker in PEM.")
    }
}

extension Certificate {
    /// Whether the certificate is signed by its own key.
    var signsItself: Bool { subject == issuer && publicKey.isValidSignature(signature, for: self) }
}
