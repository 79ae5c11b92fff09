extension EnrollmentError {
    /// What a failure means for the caller. Open: later versions add codes.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as JSON output and error messages give it.
        public let rawValue: String

        /// Makes a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The code's name.
        public var description: String { rawValue }

        /// The enrollment JWT is no JWT, or lacks what enrollment needs.
        public static let jwtMalformed = Code(rawValue: "jwtMalformed")
        /// The controller that answers did not sign the enrollment JWT.
        public static let jwtSignatureInvalid = Code(rawValue: "jwtSignatureInvalid")
        /// The enrollment JWT's time is over.
        public static let jwtExpired = Code(rawValue: "jwtExpired")
        /// The enrollment JWT is for a way of enrolling that this version does not have, or that is not for identities.
        public static let methodUnsupported = Code(rawValue: "methodUnsupported")
        /// No connection to the controller; nothing was sent.
        public static let controllerUnreachable = Code(rawValue: "controllerUnreachable")
        /// The controller's certificate is out of date, for another host, or does not lead to its own authorities.
        public static let certificateNotTrusted = Code(rawValue: "certificateNotTrusted")
        /// What the controller gave as its certificate authorities cannot be used.
        public static let caBundleInvalid = Code(rawValue: "caBundleInvalid")
        /// The controller answered with what cannot be understood; nothing was spent by it.
        public static let answerInvalid = Code(rawValue: "answerInvalid")
        /// The controller said no; `refusal` holds its words.
        public static let refusedByController = Code(rawValue: "refusedByController")
        /// The one-time token was sent and no usable answer came. Run the same enrollment again: it tries once more.
        public static let answerLost = Code(rawValue: "answerLost")
        /// The one-time token was probably spent by an attempt whose answer got lost. The key is kept; a new JWT is needed.
        public static let tokenSpent = Code(rawValue: "tokenSpent")
        /// The output file is there already, and is no unfinished enrollment of this JWT.
        public static let outputExists = Code(rawValue: "outputExists")
        /// The output file, or the journal beside it, cannot be written.
        public static let outputNotWritable = Code(rawValue: "outputNotWritable")
        /// Another process enrolls into the same output file now.
        public static let enrollmentBusy = Code(rawValue: "enrollmentBusy")
        /// The journal belongs to an enrollment that must be finished first, with its own JWT or key.
        public static let unfinishedEnrollment = Code(rawValue: "unfinishedEnrollment")
        /// The journal is damaged, or is no journal of ours.
        public static let journalInvalid = Code(rawValue: "journalInvalid")
        /// The key store failed; `keyStoreError` says how.
        public static let keyStore = Code(rawValue: "keyStore")
        /// The key makes no signature that TLS can use.
        public static let noUsableAlgorithm = Code(rawValue: "noUsableAlgorithm")
        /// The caller refused the key for its attestation; `underlying` says why. The token is untouched.
        public static let attestationRefused = Code(rawValue: "attestationRefused")
        /// The certificate is for another key, from another authority, not valid now, or not for clients.
        public static let certificateMismatch = Code(rawValue: "certificateMismatch")
        /// The identity file is malformed.
        public static let identityInvalid = Code(rawValue: "identityInvalid")
        /// A certificate or CA file given by the caller cannot be read.
        public static let inputInvalid = Code(rawValue: "inputInvalid")
        /// A time limit passed before anything was spent.
        public static let timedOut = Code(rawValue: "timedOut")
        /// The caller or the person gave up.
        public static let cancelled = Code(rawValue: "cancelled")
        /// A mistake of this library.
        public static let defect = Code(rawValue: "defect")
    }
}
