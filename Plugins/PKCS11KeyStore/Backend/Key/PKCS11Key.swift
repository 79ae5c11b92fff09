import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// A private key on a token, found and ready to sign.
final class PKCS11Key: BackendKey {
    let info: KeyInfo
    let session: PKCS11Session
    let record: ObjectRecord
    /// A session of the module's, and the login in which an object was found through it.
    private struct Place: Hashable {
        var session: Int
        var login: Int
    }

    /// A handle, and whether a signature that was made with it is known to be one by the key.
    private struct Found {
        let handle: CK_OBJECT_HANDLE
        var isProven = false
    }

    /// The key's handle in each of the module's sessions that were used with it: a handle found in one is used in no other,
    /// nor after the login has ended.
    private var handles: [Place: Found]
    private var lastPlace: Place
    private var last: Found
    /// In which of the connections to the token the key was found.
    private let epoch: Int
    private var knownPublicKey: PublicKey?
    private let signing: SigningMechanisms

    init(_ session: PKCS11Session, _ record: ObjectRecord, _ info: KeyInfo) {
        self.session = session
        self.record = record
        self.info = info
        lastPlace = Place(session: session.moduleSession.number, login: session.connection.gate.generation)
        last = Found(handle: record.handle)
        handles = [lastPlace: last]
        epoch = session.moduleSession.epoch
        knownPublicKey = info.publicKey
        signing = session.signingMechanisms(of: info.type, for: record)
    }

    func publicKey() throws(KeyStoreError) -> PublicKey {
        if let knownPublicKey { return knownPublicKey }
        let key = try session.perform("read public key") { () throws(KeyStoreError) in
            try session.publicKey(of: record)
        }
        knownPublicKey = key
        return key
    }

    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        let signature = try unproven(input, form, algorithm)
        if !last.isProven { try prove(signature, input, form, algorithm) }
        return signature
    }

    /// Makes sure that the signature, the first with this handle, is one by the public key, where that is known and libcrypto
    /// can tell: what a module says of an object need not be true of the key behind its handle.
    private func prove(
        _ signature: [UInt8], _ input: UnsafeRawBufferPointer, _ form: SigningForm, _ algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) {
        if let knownPublicKey {
            let isValid: Bool?
            if form == .message, let hash = algorithm.hash {
                isValid = try Digest.compute(input, hash).withRawBytes {
                    knownPublicKey.isValidSignature(signature, ofInput: $0, using: algorithm)
                }
            } else {
                isValid = knownPublicKey.isValidSignature(signature, ofInput: input, using: algorithm)
            }
            guard isValid != false else {
                throw KeyStoreError(
                    .invalidReply, "the token gave a signature that is not one by the key's public key",
                    operation: "sign", subject: info.uri.text)
            }
        }
        last.isProven = true
        handles[lastPlace] = last
    }

    private func unproven(
        _ input: UnsafeRawBufferPointer, _ form: SigningForm, _ algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        guard info.type != .x25519 else {
            throw KeyStoreError(
                .unsupportedMechanism, "X25519 keys sign nothing", operation: "sign", subject: info.uri.text)
        }
        guard let hash = algorithm.hash else {
            guard algorithm == .ed25519, form == .message else {
                throw KeyStoreError(
                    .unsupportedMechanism, "Ed25519 signs messages only", operation: "sign", subject: info.uri.text)
            }
            return try signEd25519(input)
        }
        if !signing.forWholeMessages.isEmpty,
            let mechanism = signing.forWholeMessages.wholeMessageMechanism(for: algorithm)
        {
            return try sign(wholeMessage: input, form, algorithm, hash, mechanism)
        }
        if form == .digest {
            guard input.count == hash.digestLength else {
                throw KeyStoreError(
                    .invalidData, "the digest is \(input.count) bytes long and must be \(hash.digestLength)",
                    operation: "sign", subject: info.uri.text)
            }
            return try sign(digest: input, algorithm, hash)
        }
        let digest = try Digest.compute(input, hash)
        return try digest.withRawBytes { digest throws(KeyStoreError) in try sign(digest: digest, algorithm, hash) }
    }

    // MARK: Mechanisms

    /// Hashed here: hash-and-sign mechanisms are missing in several modules, and these in none.
    private func sign(
        digest: UnsafeRawBufferPointer, _ algorithm: SignatureAlgorithm, _ hash: HashAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        switch algorithm {
        case .ecdsaP256SHA256: return try signECDSA(digest, Curve.p256.coordinateLength)
        case .ecdsaP384SHA384: return try signECDSA(digest, Curve.p384.coordinateLength)
        case .ecdsaP521SHA512: return try signECDSA(digest, Curve.p521.coordinateLength)
        default: break
        }
        if algorithm.isRSAPSS {
            var parameters = hash.pssParameters
            return try withUnsafeMutableBytes(of: &parameters) { parameters throws(KeyStoreError) in
                try signRSA(digest, CKM_RSA_PKCS_PSS, parameters)
            }
        }
        let prefix = hash.digestInfoPrefix
        return try (prefix + digest).withRawBytes { info throws(KeyStoreError) in
            try signRSA(info, CKM_RSA_PKCS, UnsafeMutableRawBufferPointer(start: nil, count: 0))
        }
    }

    /// With a mechanism that hashes too, where the key or the token has no other.
    private func sign(
        wholeMessage message: UnsafeRawBufferPointer, _ form: SigningForm, _ algorithm: SignatureAlgorithm,
        _ hash: HashAlgorithm, _ mechanism: CK_MECHANISM_TYPE
    ) throws(KeyStoreError) -> [UInt8] {
        guard form == .message else {
            throw KeyStoreError(
                .unsupportedMechanism,
                "this key signs \(algorithm) only by a mechanism that hashes too, so give it the message and not a digest",
                operation: "sign", subject: info.uri.text)
        }
        switch info.type {
        case .rsa:
            guard algorithm.isRSAPSS else {
                return try signRSA(message, mechanism, UnsafeMutableRawBufferPointer(start: nil, count: 0))
            }
            var parameters = hash.pssParameters
            return try withUnsafeMutableBytes(of: &parameters) { parameters throws(KeyStoreError) in
                try signRSA(message, mechanism, parameters)
            }
        case .ecP256: return try signECDSA(message, Curve.p256.coordinateLength, mechanism)
        case .ecP384: return try signECDSA(message, Curve.p384.coordinateLength, mechanism)
        case .ecP521: return try signECDSA(message, Curve.p521.coordinateLength, mechanism)
        case .ed25519, .x25519, nil:
            throw KeyStoreError(
                .unsupportedMechanism, "this key does not sign with \(algorithm)", operation: "sign",
                subject: info.uri.text)
        }
    }

    private func signECDSA(
        _ input: UnsafeRawBufferPointer, _ coordinateLength: Int, _ mechanism: CK_MECHANISM_TYPE = CKM_ECDSA
    ) throws(KeyStoreError) -> [UInt8] {
        try withSignature(input, mechanism, UnsafeMutableRawBufferPointer(start: nil, count: 0)) { signature in
            signature.count == 2 * coordinateLength ? ECDSASignature.der(signature) : nil
        }
    }

    private func signRSA(
        _ input: UnsafeRawBufferPointer, _ mechanism: CK_MECHANISM_TYPE, _ parameters: UnsafeMutableRawBufferPointer
    ) throws(KeyStoreError) -> [UInt8] {
        guard case .rsa(let bits) = info.type else {
            throw KeyStoreError(.unsupportedMechanism, "this is no RSA key", operation: "sign", subject: info.uri.text)
        }
        return try withSignature(input, mechanism, parameters) { signature in
            signature.count == (bits + 7) / 8 ? Array(signature) : nil
        }
    }

    private func signEd25519(_ message: UnsafeRawBufferPointer) throws(KeyStoreError) -> [UInt8] {
        try withSignature(message, signing.edwards, UnsafeMutableRawBufferPointer(start: nil, count: 0)) { signature in
            signature.count == 64 ? Array(signature) : nil
        }
    }

    // MARK: The module

    /// Runs one operation with the key's handle in the module's session, which is `session.handle` meanwhile. A key that wants
    /// the PIN each time is not tried again by itself, as that would ask for it twice.
    @inline(__always)
    func perform<Result>(
        _ operation: String, _ body: (CK_OBJECT_HANDLE) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        do throws(KeyStoreError) {
            return try session.perform(operation, repeatable: !record.alwaysAuthenticates) {
                () throws(KeyStoreError) in try body(try currentHandle())
            }
        } catch {
            throw error.during(operation, of: info.uri.text)
        }
    }

    /// The key's handle in the module's session of the operation under way.
    @inline(__always)
    func currentHandle() throws(KeyStoreError) -> CK_OBJECT_HANDLE {
        var place = Place(session: session.moduleSession.number, login: session.connection.gate.generation)
        if place == lastPlace { return last.handle }
        let found: Found
        if let known = handles[place] {
            found = known
        } else {
            found = Found(handle: try findAgain())
            // Which may have taken a login.
            place.login = session.connection.gate.generation
            // Sessions and logins that are gone leave their entries behind.
            if handles.count >= Self.maximumHandleCount { handles = [:] }
            handles[place] = found
        }
        lastPlace = place
        last = found
        return found.handle
    }

    /// Signs into memory on the stack, without asking for the length first, and gives it to `body`, which answers nil for a
    /// signature of the wrong length.
    @inline(__always)
    private func withSignature(
        _ input: UnsafeRawBufferPointer, _ type: CK_MECHANISM_TYPE, _ parameters: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> [UInt8]?
    ) throws(KeyStoreError) -> [UInt8] {
        try perform("sign") { (handle) throws(KeyStoreError) in
            try withSignature(by: handle, input, type, parameters, body)
        }
    }

    @inline(__always)
    private func withSignature(
        by handle: CK_OBJECT_HANDLE, _ input: UnsafeRawBufferPointer, _ type: CK_MECHANISM_TYPE,
        _ parameters: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> [UInt8]?
    ) throws(KeyStoreError) -> [UInt8] {
        var signatureLength = 0
        var mechanism = CK_MECHANISM(
            mechanism: type, pParameter: parameters.baseAddress, ulParameterLen: CK_ULONG(parameters.count))
        var result = try begin(&mechanism, handle)
        if result != CKR_OK { throw failure(result, "C_SignInit") }
        if record.alwaysAuthenticates { try authenticate() }
        let signature: [UInt8]? = withUnsafeTemporaryAllocation(
            byteCount: Self.maximumSignatureLength, alignment: 16
        ) { buffer in
            var length = CK_ULONG(buffer.count)
            // The function takes a pointer to what it might change, and by the standard does not.
            result = session.cryptoki.sign(
                session.handle,
                UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: UInt8.self),
                CK_ULONG(input.count), buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &length)
            signatureLength = Int(clamping: length)
            guard result == CKR_OK, signatureLength <= buffer.count else { return nil }
            return body(UnsafeRawBufferPointer(rebasing: buffer[..<signatureLength]))
        }
        if let signature { return signature }
        // What failed may have left the operation open, which would spoil every later one in this session.
        try? session.replaceSession()
        if result != CKR_OK { throw failure(result, "C_Sign") }
        throw KeyStoreError(
            .invalidReply,
            "the token gave a signature of \(signatureLength) bytes, which is not the length for this key",
            operation: "sign", subject: info.uri.text)
    }

    private func begin(
        _ mechanism: inout CK_MECHANISM, _ handle: CK_OBJECT_HANDLE
    ) throws(KeyStoreError) -> CK_RV {
        let result = session.cryptoki.signInit(session.handle, &mechanism, handle)
        guard result == CKR_OPERATION_ACTIVE else { return result }
        try session.replaceSession()
        let found = try currentHandle()
        return session.cryptoki.signInit(session.handle, &mechanism, found)
    }

    func authenticate() throws(KeyStoreError) {
        do {
            try session.connection.authenticateOperation(session.handle, session.provider)
        } catch {
            // The operation is open and will not be finished.
            try? session.replaceSession()
            throw error
        }
    }

    private func failure(_ result: CK_RV, _ function: StaticString) -> KeyStoreError {
        KeyStoreError.pkcs11(result, function, during: "sign").during("sign", of: info.uri.text)
    }

    /// Finds the object in another of the module's sessions than before, and makes sure that it is the same key.
    private func findAgain() throws(KeyStoreError) -> CK_OBJECT_HANDLE {
        try session.logIn()
        // What the object has not got is not searched for: modules differ in whether an empty value matches none.
        let found = try session.records(
            CKO_PRIVATE_KEY, id: record.id.isEmpty ? nil : record.id, label: record.label.isEmpty ? nil : record.label
        ).filter { $0.id == record.id && $0.label == record.label }
        guard !found.isEmpty else {
            try session.demandSightOfPrivateObjects("find key again")
            try session.demandToken("find key again")
            throw KeyStoreError(
                .noSuchKey, "the key is not on the token any more", operation: "find key again", subject: info.uri.text)
        }
        let same = found.filter {
            $0.keyType == record.keyType && $0.modulus == record.modulus && $0.curve == record.curve
        }
        guard same.count == 1 else {
            throw KeyStoreError(
                .identityChanged,
                same.isEmpty
                    ? "another key stands where the known one was" : "several keys stand where the known one was",
                operation: "find key again", subject: info.uri.text)
        }
        // The object's own attributes say nothing of which key on the curve it is.
        guard record.keyType != CKK_RSA else { return same[0].handle }
        guard let knownPublicKey else {
            guard session.moduleSession.epoch == epoch else {
                throw KeyStoreError(
                    .identityChanged,
                    "the token went away, and without a public key nothing tells whether this is still the same key",
                    operation: "find key again", subject: info.uri.text)
            }
            return same[0].handle
        }
        guard try session.publicKey(of: same[0]) == knownPublicKey else {
            throw KeyStoreError(
                .identityChanged, "another key stands where the known one was", operation: "find key again",
                subject: info.uri.text)
        }
        return same[0].handle
    }

    private static let maximumHandleCount = 64
    /// RSA with 8192 bits; everything else is shorter.
    private static let maximumSignatureLength = 1024
}
