extension KeyStoreError {
    /// What a failure means for the caller. Open: a newer plugin may report a code that has no name here yet.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number that crosses the plugin boundary.
        public let rawValue: Int32

        /// Makes a code from its number.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// The reference is malformed, or asks for what its scheme does not have.
        public static let invalidURI = Code(rawValue: 1)
        /// No plugin was found for the scheme, or no module where one was named.
        public static let noSuchBackend = Code(rawValue: 2)
        /// A library that is not a plugin or module, or is built for another interface.
        public static let incompatibleBackend = Code(rawValue: 3)
        /// A library that others than its owner could have changed, or that nobody allowed.
        public static let untrustedLibrary = Code(rawValue: 4)
        /// Nothing matches the token attributes.
        public static let noSuchToken = Code(rawValue: 10)
        /// Several tokens match; the message lists them.
        public static let ambiguousToken = Code(rawValue: 11)
        /// The token was there and is gone.
        public static let tokenRemoved = Code(rawValue: 12)
        /// Another token or key stands where the known one was.
        public static let identityChanged = Code(rawValue: 13)
        /// The token is there, the key is not.
        public static let noSuchKey = Code(rawValue: 20)
        /// Several keys match; the message lists them.
        public static let ambiguousKey = Code(rawValue: 21)
        /// Making this key would overwrite or shadow another.
        public static let keyExists = Code(rawValue: 22)
        /// The key is there, a certificate beside it is not.
        public static let noSuchCertificate = Code(rawValue: 23)
        /// A PIN is needed and no source gave one.
        public static let pinRequired = Code(rawValue: 30)
        /// The PIN was wrong, and the token has counted the attempt. It is not sent again.
        public static let pinIncorrect = Code(rawValue: 31)
        /// No PIN is accepted any more.
        public static let pinLocked = Code(rawValue: 32)
        /// A wrong PIN now would lock the token, and nobody allowed that risk.
        public static let pinLastTry = Code(rawValue: 33)
        /// The device waited for a touch in vain.
        public static let touchTimeout = Code(rawValue: 34)
        /// The caller or the person gave up.
        public static let cancelled = Code(rawValue: 35)
        /// The device did not answer in time.
        public static let timedOut = Code(rawValue: 36)
        /// This key or token cannot sign, or make keys, in the way asked for.
        public static let unsupportedMechanism = Code(rawValue: 40)
        /// This backend cannot do what was asked.
        public static let unsupportedOperation = Code(rawValue: 41)
        /// The device, a file's mode or a rule forbids it.
        public static let policyRefused = Code(rawValue: 42)
        /// Somebody else holds the device.
        public static let busy = Code(rawValue: 50)
        /// A device or library answered with what cannot be right.
        public static let invalidReply = Code(rawValue: 60)
        /// A device or library failed in a way of its own; see `native`.
        public static let backendFailure = Code(rawValue: 61)
        /// A file or argument does not hold what it should.
        public static let invalidData = Code(rawValue: 62)
        /// A file could not be written.
        public static let writeFailed = Code(rawValue: 63)

        static let names: [Code: String] = [
            .invalidURI: "invalidURI", .noSuchBackend: "noSuchBackend", .incompatibleBackend: "incompatibleBackend",
            .untrustedLibrary: "untrustedLibrary", .noSuchToken: "noSuchToken", .ambiguousToken: "ambiguousToken",
            .tokenRemoved: "tokenRemoved", .identityChanged: "identityChanged", .noSuchKey: "noSuchKey",
            .ambiguousKey: "ambiguousKey", .keyExists: "keyExists", .noSuchCertificate: "noSuchCertificate",
            .pinRequired: "pinRequired", .pinIncorrect: "pinIncorrect", .pinLocked: "pinLocked",
            .pinLastTry: "pinLastTry", .touchTimeout: "touchTimeout", .cancelled: "cancelled", .timedOut: "timedOut",
            .unsupportedMechanism: "unsupportedMechanism", .unsupportedOperation: "unsupportedOperation",
            .policyRefused: "policyRefused", .busy: "busy", .invalidReply: "invalidReply",
            .backendFailure: "backendFailure", .invalidData: "invalidData", .writeFailed: "writeFailed",
        ]

        /// Every code that has a name in this version.
        public static var known: Set<Code> { Set(names.keys) }
    }
}

extension KeyStoreError.Code: CustomStringConvertible {
    /// The code's name, as JSON output and error messages give it.
    public var description: String { Self.names[self] ?? "code\(rawValue)" }
}
