public import KeyStoreCore

/// What every backend must do, as a program: makes keys on a store, uses them in each way the protocols promise, meets each
/// refusal, and says what did not hold. Needs no test framework, so that a command line can run it too.
///
/// The store should be empty or disposable: keys whose labels begin with the subject's prefix are made and deleted.
public struct KeyStoreConformance: Sendable {
    /// What is tested, and what it declares that it cannot do.
    public struct Subject: Sendable {
        /// Opens the store anew, as a program would that has just started.
        public var open: @Sendable () async throws -> any KeyStore
        /// The reference of a key with this label on the store.
        public var uri: @Sendable (_ label: String) throws -> KeyStoreURI
        /// The right PIN.
        public var pin: PINSource
        /// A wrong PIN, where the store is protected by one that it counts tries for.
        public var wrongPIN: PINSource?
        /// A reference that matches every key the suite makes, if the scheme can say that.
        public var everyKey: KeyStoreURI?
        /// What the backend cannot do.
        public var limits: Set<Limit>
        /// For a store whose keys are made elsewhere: the types of the keys that are there. Every label that the suite makes
        /// a key under names one of them (for a certain type: `make-TYPE`, see `label(of:)`), two of one check two keys,
        /// and the labels in `missing` none.
        public var givenTypes: [KeyType]
        /// The labels, behind the prefix, under which no key may be given.
        public static let missing = ["nowhere", "no-import", "no-purpose"]

        /// Describes what is to be tested.
        public init(
            pin: PINSource = .none, wrongPIN: PINSource? = nil, everyKey: KeyStoreURI? = nil, limits: Set<Limit> = [],
            givenTypes: [KeyType] = [],
            open: @escaping @Sendable () async throws -> any KeyStore,
            uri: @escaping @Sendable (_ label: String) throws -> KeyStoreURI
        ) {
            self.open = open
            self.uri = uri
            self.pin = pin
            self.wrongPIN = wrongPIN
            self.everyKey = everyKey
            self.limits = limits
            self.givenTypes = givenTypes
        }

        /// What follows the prefix in the label of the key with which everything is signed that its type can sign.
        public static func label(of type: KeyType) -> String { "make-\(type)".replacing(" ", with: "-") }
    }

    /// Something that a backend declares it cannot do. That it refuses to is asserted.
    public enum Limit: Hashable, Sendable, CustomStringConvertible {
        /// Keys of this type are not made.
        case generating(KeyType)
        /// Keys of this type are not taken from outside.
        case importing(KeyType)
        /// Keys of this type do not sign with this algorithm.
        case signing(KeyType, SignatureAlgorithm)
        /// Keys of this type do not sign digests that somebody else made.
        case signingDigests(KeyType)
        /// Keys of this type do not decrypt with this algorithm, although the backend decrypts. Tried with RSA of 2048 bits.
        case decrypting(KeyType, EncryptionAlgorithm)
        /// Messages of no bytes are not decrypted.
        case decryptingEmptyMessages
        /// Keys of this type derive no shared secrets, although the backend does with others.
        case agreeing(KeyType)
        /// Keys that are made for one purpose serve others too.
        case separatingPurposes
        /// Keys keep the names that they were made with, although the backend can change names.
        case relabelling
        /// One certificate is kept beside a key, and no issuers.
        case chains
        /// Certificates can be read, and neither stored nor removed.
        case storingCertificates
        /// Keys stay, although the backend can delete others.
        case deleting
        /// Keys are not made with this PIN policy.
        case pinPolicy(PINPolicy)
        /// Keys are not made with this touch policy.
        case touchPolicy(TouchPolicy)
        /// Keys are not replaced, although the backend takes wishes for new ones.
        case replacing
        /// This store's keys are not attested, although the backend attests others.
        case attesting
        /// Keys stay where they are, although the backend can move others.
        case moving

        /// The limit in words.
        public var description: String {
            switch self {
            case .generating(let type): "does not make \(type) keys"
            case .importing(let type): "does not import \(type) keys"
            case .signing(let type, let algorithm): "does not sign \(algorithm) with \(type)"
            case .signingDigests(let type): "does not sign digests with \(type)"
            case .decrypting(let type, let algorithm): "does not decrypt \(algorithm) with \(type)"
            case .decryptingEmptyMessages: "does not decrypt empty messages"
            case .agreeing(let type): "does not derive secrets with \(type)"
            case .separatingPurposes: "does not keep a key from serving other purposes"
            case .relabelling: "does not relabel keys"
            case .chains: "does not keep issuers' certificates"
            case .storingCertificates: "does not store certificates"
            case .deleting: "does not delete keys"
            case .pinPolicy(let policy): "does not make keys with the PIN policy '\(policy)'"
            case .touchPolicy(let policy): "does not make keys with the touch policy '\(policy)'"
            case .replacing: "does not replace keys"
            case .attesting: "does not attest keys"
            case .moving: "does not move keys"
            }
        }
    }

    /// What one check came to.
    public struct Outcome: Sendable, CustomStringConvertible {
        /// The statement that was checked.
        public let statement: String
        /// Why it does not hold; nil if it does.
        public let failure: String?

        /// Whether the statement holds, and why not.
        public var description: String { failure.map { "not so: \(statement): \($0)" } ?? "so: \(statement)" }
    }

    let subject: Subject
    let prefix: String
    let evidence = Evidence()

    /// Prepares a run. Two runs on one store at a time need two prefixes.
    public init(_ subject: Subject, prefix: String = "conformance") {
        self.subject = subject
        self.prefix = prefix
    }

    /// Runs every check, in order, and goes on after those that fail. In the end each declared limit is a statement of its
    /// own, which does not hold where nothing was refused because of it.
    /// - Parameter onOutcome: Called with each outcome as soon as it is known.
    public func run(onOutcome: (Outcome) -> Void = { _ in }) async -> [Outcome] {
        var outcomes: [Outcome] = []
        func add(_ outcome: Outcome) {
            outcomes.append(outcome)
            onOutcome(outcome)
        }
        for check in Self.checks {
            var failure: String?
            do {
                try await check.body(self)
            } catch {
                failure = "\(error)"
            }
            add(Outcome(statement: check.statement, failure: failure))
        }
        for limit in subject.limits.sorted(by: { $0.description < $1.description }) {
            let failure = evidence.limits.contains(limit) ? nil : "nothing was refused for this reason"
            add(Outcome(statement: "within its declared limits it \(limit)", failure: failure))
        }
        return outcomes
    }

    struct Check: Sendable {
        let statement: String
        let body: @Sendable (KeyStoreConformance) async throws -> Void
    }

    static let checks: [Check] =
        generationChecks + lookupChecks + signingChecks + decryptionChecks + agreementChecks + purposeChecks
        + sessionChecks + certificateChecks + chainChecks + relabellingChecks + lifeChecks + policyChecks
        + attestationChecks + movingChecks

    // MARK: What the checks share

    func uri(_ label: String) throws -> KeyStoreURI { try subject.uri("\(prefix)-\(label)") }

    /// Opens the store anew and runs the body with a writable session.
    func withSession<Result: Sendable>(
        _ options: SessionOptions = SessionOptions(isWritable: true), pin: PINSource? = nil,
        _ body: @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        let store = try await subject.open()
        let session = try await store.openSession(options, pin: pin ?? subject.pin)
        let result = try await body(session)
        await session.close()
        await store.close()
        return result
    }

    /// The first type of key that signs and that the backend makes or has, for checks that need any key.
    func anyType() throws -> KeyType {
        guard let type = KeyType.signing.first(where: hasKeys) else {
            throw Disproof("the backend declares that it makes no keys that sign, and none is given")
        }
        return type
    }

    /// Whether there can be a key of the type: the backend makes it, or it is given.
    func hasKeys(of type: KeyType) -> Bool {
        subject.givenTypes.contains(type) || subject.givenTypes.isEmpty && !subject.limits.contains(.generating(type))
    }

    /// A fresh key, or the given one with the label; of any type unless one is named.
    func makeKey(
        _ label: String, _ type: KeyType? = nil, purpose: KeyPurpose = .sign, in session: any KeyStoreSession
    ) async throws -> any Key {
        let uri = try uri(label)
        guard subject.givenTypes.isEmpty else { return try await session.key(at: uri) }
        return try await session.generateKey(try type ?? anyType(), purpose: purpose, at: uri)
    }

    func expect(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
        if !condition { throw Disproof(otherwise()) }
    }

    /// That the body is refused with one of these codes.
    func expectRefusal<Result>(
        _ codes: KeyStoreError.Code..., of what: String, _ body: () async throws -> Result
    ) async throws {
        try await expectRefusal(codes, of: what, body)
    }

    /// That the body is refused with one of these codes, which is what the limit declares.
    func expectLimit<Result>(
        _ limit: Limit, _ codes: KeyStoreError.Code..., of what: String, _ body: () async throws -> Result
    ) async throws {
        try await expectRefusal(codes, of: what, body)
        evidence.add(limit)
    }

    private func expectRefusal<Result>(
        _ codes: [KeyStoreError.Code], of what: String, _ body: () async throws -> Result
    ) async throws {
        do {
            _ = try await body()
        } catch let error as KeyStoreError {
            try expect(codes.contains(error.code), "\(what) is refused with \(error), not with \(codes)")
            try expect(!error.message.isEmpty, "\(what) is refused without a message")
            return
        }
        throw Disproof("\(what) is not refused")
    }
}
