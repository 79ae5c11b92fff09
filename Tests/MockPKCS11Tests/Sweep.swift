import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import PKCS11KeyStore

/// Does one thing that a user does, while one function of the module fails in one way, and says what is wrong with what comes
/// of it.
struct Sweep {
    /// What a user does.
    enum Action: CaseIterable {
        case sign
        case list
        case generate
        case derive
        case delete
        case relabel
        case storeCertificate
        case removeCertificates
        case decrypt
        case importKey

        /// The other objects on the token.
        var script: String {
            switch self {
            case .decrypt: "key RSA-2048 label=other id=02 seed=3"
            case .removeCertificates: "key P-256 label=other id=02 seed=2 certificate=yes"
            default: "key P-256 label=other id=02 seed=2"
            }
        }

        /// Whether it is swept with every result, and not only with those that say something of the token.
        var isSweptWhole: Bool { [.sign, .list, .generate].contains(self) }
    }

    /// A failure: the result, of which call, and whether of all later ones.
    struct Fault: CustomStringConvertible {
        let function: String
        let result: String
        let number: Int
        let goesOn: Bool

        /// Whether it is met only when sessions and stores close.
        var isOfTheEnd: Bool { ["C_CloseSession", "C_Finalize"].contains(function) }

        /// Whether it is the word for an object that has gone or does not show itself, which a listing leaves out.
        var hidesObjects: Bool { result.contains("HANDLE_INVALID") || result.contains("ATTRIBUTE") }

        var script: String { "on \(function) \(number)\(goesOn ? "+" : "") return \(result)" }
        var description: String { script }
    }

    /// Every result that a module might give for reasons of its own.
    static let results = [
        "CKR_CANCEL", "CKR_HOST_MEMORY", "CKR_SLOT_ID_INVALID", "CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED",
        "CKR_ARGUMENTS_BAD", "CKR_CANT_LOCK", "CKR_ATTRIBUTE_SENSITIVE", "CKR_ATTRIBUTE_TYPE_INVALID",
        "CKR_ATTRIBUTE_VALUE_INVALID", "CKR_DATA_LEN_RANGE", "CKR_DEVICE_ERROR", "CKR_DEVICE_MEMORY",
        "CKR_DEVICE_REMOVED", "CKR_FUNCTION_CANCELED", "CKR_FUNCTION_NOT_SUPPORTED", "CKR_KEY_HANDLE_INVALID",
        "CKR_KEY_FUNCTION_NOT_PERMITTED", "CKR_MECHANISM_INVALID", "CKR_OBJECT_HANDLE_INVALID",
        "CKR_OPERATION_ACTIVE", "CKR_OPERATION_NOT_INITIALIZED", "CKR_PIN_INCORRECT", "CKR_PIN_LOCKED",
        "CKR_PIN_EXPIRED", "CKR_SESSION_CLOSED", "CKR_SESSION_COUNT", "CKR_SESSION_HANDLE_INVALID",
        "CKR_SESSION_READ_ONLY", "CKR_TEMPLATE_INCONSISTENT", "CKR_TOKEN_NOT_PRESENT", "CKR_TOKEN_NOT_RECOGNIZED",
        "CKR_TOKEN_WRITE_PROTECTED", "CKR_USER_ALREADY_LOGGED_IN", "CKR_USER_NOT_LOGGED_IN",
        "CKR_USER_PIN_NOT_INITIALIZED", "CKR_BUFFER_TOO_SMALL", "CKR_CRYPTOKI_NOT_INITIALIZED",
        "CKR_CRYPTOKI_ALREADY_INITIALIZED", "CKR_FUNCTION_REJECTED", "0x80000001",
    ]

    /// Those among them that say something of the token, the session or the login.
    static let lossesAndRefusals = [
        "CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED", "CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT",
        "CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_CLOSED", "CKR_SESSION_COUNT", "CKR_USER_NOT_LOGGED_IN",
        "CKR_OBJECT_HANDLE_INVALID", "CKR_KEY_HANDLE_INVALID", "CKR_OPERATION_ACTIVE", "CKR_PIN_INCORRECT",
        "CKR_ATTRIBUTE_READ_ONLY", "CKR_TOKEN_WRITE_PROTECTED", "CKR_FUNCTION_NOT_SUPPORTED", "CKR_BUFFER_TOO_SMALL",
        "CKR_CRYPTOKI_NOT_INITIALIZED",
    ]

    let module: MockModule

    /// What is wrong; empty if all is well.
    func problems(_ action: Action, _ fault: Fault) throws -> [String] {
        // A PIN that a token rejected is not sent again by this process, so that each round has a token of its own.
        try module.run(
            "reset\nserial \(TokenSerial.next())\ngenerated seed=7\n\(action.script)\n\(fault.script)"
        )
        var problems: [String] = []
        let host = MockHost()
        var error: KeyStoreError?
        do {
            let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(module.uri())), host: host)
            defer { store.close() }
            let session = try store.openSession(SessionOptions(isWritable: true), host: host)
            defer { session.close() }
            do throws(KeyStoreError) {
                problems += try perform(action, session, fault)
            } catch let caught {
                error = caught
            }
            if let error { problems += judge(error, fault) }
            problems += logins(fault)
            // The fault is over: what was open is good again, by itself.
            if !fault.isOfTheEnd { try module.run("clear") }
            do {
                if try !session.key(at: uri("object=key")).signsValidly(by: KnownKeys.first) {
                    problems.append("afterwards a signature is not by the key")
                }
            } catch let later as KeyStoreError {
                // A PIN that the token has rejected is not sent again.
                let isRejected = error?.code == .pinIncorrect || error?.code == .pinLocked
                if !(isRejected && later.code == .pinIncorrect) { problems.append("afterwards: \(later)") }
            }
            problems += logins(fault)
        } catch let error as KeyStoreError {
            problems += judge(error, fault)
        }
        if fault.isOfTheEnd {
            try module.run("clear")
            let open = try OpenMock(module)
            if try !open.key().signsValidly(by: KnownKeys.first) {
                problems.append("a new store's signature is not by the key")
            }
            withExtendedLifetime(open) {}
        }
        problems += module.violations
        return problems.map { "\(action), \(fault): \($0)" }
    }

    private func uri(_ attributes: String) throws(KeyStoreError) -> KeyStoreURI {
        try KeyStoreURI(module.uri(attributes))
    }

    private func perform(
        _ action: Action, _ session: any BackendSession, _ fault: Fault
    ) throws(KeyStoreError) -> [String] {
        switch action {
        case .sign:
            let key = try session.key(at: uri("object=key"))
            let signature = try message.withBytes { bytes throws(KeyStoreError) in
                try key.sign(bytes, form: .message, using: .ecdsaP256SHA256)
            }
            let isValid = KnownKeys.first.isValidSignature(signature, of: .message(message), using: .ecdsaP256SHA256)
            return isValid ? [] : ["a signature is not by the key"]
        case .list:
            var labels: [String] = []
            try session.forEachKey(matching: nil) { info in
                labels.append(info.label)
                return true
            }
            let isRight =
                fault.hidesObjects
                ? Set(labels).isSubset(of: ["key", "other"]) && labels.count == Set(labels).count
                : labels.sorted() == ["key", "other"]
            return isRight ? [] : ["the list is \(labels)"]
        case .generate:
            let key = try session.generateKey(.ecP256, at: uri("object=new;id=%07"))
            return key.info.label == "new" ? [] : ["another key was made"]
        case .derive:
            guard let key = try session.key(at: uri("object=other")) as? any AgreeingBackendKey else {
                return ["the key does not derive"]
            }
            let secret = try key.sharedSecret(with: KnownKeys.first)
            return secret.withBytes { Array($0) } == KnownKeys.sharedSecret ? [] : ["another secret was derived"]
        case .delete:
            guard let session = session as? any KeyDeletingBackendSession else { return ["nothing is deleted"] }
            try session.deleteKey(at: uri("object=other"))
            return module.value("objects") == 2 || fault.hidesObjects ? [] : ["something of the key is left"]
        case .relabel:
            guard let session = session as? any RelabellingBackendSession else { return ["nothing is relabelled"] }
            let info = try session.relabel(at: uri("object=other"), label: "renamed", id: nil)
            return info.label == "renamed" ? [] : ["the label is \(info.label)"]
        case .storeCertificate:
            guard let session = session as? any CertificateBackendSession else { return ["nothing is stored"] }
            try session.store([KnownKeys.certificate], at: uri("object=other"))
            return module.value("objects") == 5 ? [] : ["the certificate is not on the token"]
        case .removeCertificates:
            guard let session = session as? any CertificateBackendSession else { return ["nothing is removed"] }
            try session.removeCertificates(at: uri("object=other"))
            return module.value("objects") == 4 ? [] : ["the certificate is left"]
        case .decrypt:
            guard let key = try session.key(at: uri("object=other")) as? any DecryptingBackendKey else {
                return ["the key does not decrypt"]
            }
            let plaintext = try KnownKeys.ciphertext.withBytes { bytes throws(KeyStoreError) in
                try key.decrypt(bytes, using: .rsaOAEPSHA256)
            }
            return plaintext.withBytes { Array($0) } == message ? [] : ["another text was decrypted"]
        case .importKey:
            guard let session = session as? any KeyImportingBackendSession else { return ["nothing is imported"] }
            let key = try KnownKeys.pem.withBytes { bytes throws(KeyStoreError) in
                try session.importKey(pem: bytes, at: uri("object=taken;id=%07"))
            }
            return key.info.label == "taken" ? [] : ["another key was stored"]
        }
    }

    /// What an error must not say of such a fault.
    private func judge(_ error: KeyStoreError, _ fault: Fault) -> [String] {
        var problems: [String] = []
        func forbid(_ code: KeyStoreError.Code, unless isRight: Bool) {
            if error.code == code, !isRight { problems.append("\(error)") }
        }
        let isLogin = fault.function == "C_Login"
        forbid(.pinIncorrect, unless: isLogin && fault.result == "CKR_PIN_INCORRECT")
        forbid(.pinLocked, unless: isLogin && fault.result == "CKR_PIN_LOCKED")
        forbid(.pinLastTry, unless: false)
        forbid(.noSuchCertificate, unless: false)
        forbid(.noSuchToken, unless: ["CKR_TOKEN_NOT_PRESENT", "CKR_TOKEN_NOT_RECOGNIZED"].contains(fault.result))
        forbid(.ambiguousKey, unless: false)
        forbid(.ambiguousToken, unless: false)
        forbid(.keyExists, unless: false)
        forbid(.identityChanged, unless: false)
        forbid(.invalidURI, unless: false)
        // An object of which the module says that it has nothing, whatever is asked for, is one that cannot be right.
        let hidesAll = fault.goesOn && fault.function == "C_GetAttributeValue" && fault.result.contains("ATTRIBUTE")
        forbid(.invalidReply, unless: hidesAll)
        let isGone = ["CKR_OBJECT_HANDLE_INVALID", "CKR_KEY_HANDLE_INVALID"].contains(fault.result)
        forbid(.noSuchKey, unless: isGone || hidesAll)
        // Told by the module, and passed on.
        var needsNone: [KeyStoreError.Code] = [.noSuchToken, .noSuchKey, .incompatibleBackend]
        // All that is wrong with a ciphertext is told in the same words.
        if fault.function == "C_Decrypt" { needsNone.append(.invalidData) }
        if error.native == nil, !hidesAll, !needsNone.contains(error.code) {
            problems.append("the cause is lost: \(error)")
        }
        return problems
    }

    /// The right PIN may be sent again after the login was lost, but none that was rejected, and none without end.
    private func logins(_ fault: Fault) -> [String] {
        let sent = module.log.filter { $0.hasPrefix("C_Login ") }
        let rejected = sent.filter { $0.contains("CKR_PIN_INCORRECT") || $0.contains("CKR_PIN_LOCKED") }
        var problems: [String] = []
        if rejected.count > 1 { problems.append("a rejected PIN was sent again: \(sent)") }
        if sent.count > 4 { problems.append("\(sent.count) logins") }
        return problems
    }
}

extension [UInt8] {
    /// The bytes, for a call that throws errors of one type.
    func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        let result = withUnsafeBytes { bytes -> Swift.Result<Result, KeyStoreError> in
            do throws(KeyStoreError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
