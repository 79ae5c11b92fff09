extension AttestationError {
    /// What a failure means for the caller. Open: later versions add codes.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as JSON output and error messages give it.
        public let rawValue: String

        /// Makes a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The code's name.
        public var description: String { rawValue }

        /// The bundle, or a certificate in it, is longer than any that is made, or holds more certificates.
        public static let bundleTooLarge = Code(rawValue: "attestationTooLarge")
        /// The bundle is cut short, is no bundle, or is one of a later format.
        public static let bundleMalformed = Code(rawValue: "attestationMalformed")
        /// A certificate of the bundle cannot be read.
        public static let certificateMalformed = Code(rawValue: "attestationCertificateMalformed")
        /// The certificates to trust cannot be read, or no root is among them.
        public static let rootsInvalid = Code(rawValue: "attestationRootsInvalid")
        /// The chain leads to none of the roots.
        public static let rootNotTrusted = Code(rawValue: "attestationRootNotTrusted")
        /// A certificate of the chain was not signed by the one that is named as its issuer.
        public static let signatureInvalid = Code(rawValue: "attestationSignatureInvalid")
        /// A certificate of the chain is out of date.
        public static let expired = Code(rawValue: "attestationExpired")
        /// A certificate of the chain is not valid yet.
        public static let notYetValid = Code(rawValue: "attestationNotYetValid")
        /// A certificate of the chain issued what it must not issue, or asks for what nobody here checks.
        public static let issuerNotAllowed = Code(rawValue: "attestationIssuerNotAllowed")
        /// The attestation certificate lacks something that every attestation says.
        public static let statementMissing = Code(rawValue: "attestationStatementMissing")
        /// The attestation certificate says something that cannot be understood.
        public static let statementMalformed = Code(rawValue: "attestationStatementMalformed")
        /// What the bundle says beside its certificates is not what they say.
        public static let fieldContradicted = Code(rawValue: "attestationFieldContradicted")
        /// Another key was attested than the one it was compared with.
        public static let otherKey = Code(rawValue: "attestationOtherKey")
        /// Another device attested than the one that was asked for, or one that does not say which it is.
        public static let otherDevice = Code(rawValue: "attestationOtherDevice")
        /// The key asks for a PIN less often than was demanded.
        public static let pinPolicyTooWeak = Code(rawValue: "attestationPINPolicyTooWeak")
        /// The key asks for a touch less often than was demanded.
        public static let touchPolicyTooWeak = Code(rawValue: "attestationTouchPolicyTooWeak")
        /// The device's firmware is older than was demanded.
        public static let firmwareTooOld = Code(rawValue: "attestationFirmwareTooOld")

        /// Every code of this version.
        public static let known: Set<Code> = [
            .bundleTooLarge, .bundleMalformed, .certificateMalformed, .rootsInvalid, .rootNotTrusted,
            .signatureInvalid, .expired, .notYetValid, .issuerNotAllowed, .statementMissing, .statementMalformed,
            .fieldContradicted, .otherKey, .otherDevice, .pinPolicyTooWeak, .touchPolicyTooWeak, .firmwareTooOld,
        ]
    }
}
