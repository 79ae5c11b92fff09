import Foundation
import KeyStoreCore
import Synchronization

/// What the checks of quirks work with: names for keys, and ciphertexts made by OpenSSL.
final class QuirkBench: Sendable {
    private let token: TestToken
    private let machine: Machine
    private let count = Atomic(0)

    init(_ token: TestToken, _ machine: Machine) {
        self.token = token
        self.machine = machine
    }

    /// The reference of a key that is not there yet.
    func uri() throws -> KeyStoreURI {
        try token.uri("object=quirk-\(count.add(1, ordering: .relaxed).newValue)")
    }

    /// The reference of a given key, by the label that the suite has for it.
    func uri(ofGiven label: String) throws -> KeyStoreURI { try token.uri(token.attributes("quirk-\(label)")) }

    /// What says nothing of a quirk: the token was not reached, or no such key.
    private static let others: [KeyStoreError.Code] = [
        .busy, .cancelled, .identityChanged, .noSuchKey, .noSuchToken, .pinIncorrect, .pinLastTry, .pinLocked,
        .pinRequired, .timedOut, .tokenRemoved,
    ]

    /// Throws unless the body fails with an error of the store that says that the module does not do this.
    func expectFailure(_ what: String, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as KeyStoreError where !Self.others.contains(error.code) {
            return
        }
        throw BringupError("\(what) works: the quirk is none")
    }

    /// What the key makes of an encrypted message.
    func decrypt(
        _ message: [UInt8], with key: any Key, _ algorithm: EncryptionAlgorithm
    ) async throws -> [UInt8] {
        guard let decrypting = key.decrypting else { throw BringupError("the key decrypts nothing") }
        let ciphertext = try encrypt(message, to: try await key.publicKey(), algorithm)
        return try await decrypting.decrypt(ciphertext, using: algorithm).withBytes { Array($0) }
    }

    private func encrypt(
        _ message: [UInt8], to key: PublicKey, _ algorithm: EncryptionAlgorithm
    ) throws -> [UInt8] {
        try Data(key.der).write(to: URL(filePath: machine.path("public.der")))
        try Data(message).write(to: URL(filePath: machine.path("message")))
        let padding =
            switch algorithm {
            case .rsaPKCS1: ["rsa_padding_mode:pkcs1"]
            case .rsaOAEPSHA1: ["rsa_padding_mode:oaep"]
            default: ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
            }
        try machine.run(
            "openssl",
            [
                "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", machine.path("public.der"), "-in",
                machine.path("message"), "-out", machine.path("ciphertext"),
            ] + padding.flatMap { ["-pkeyopt", $0] })
        return Array(try Data(contentsOf: URL(filePath: machine.path("ciphertext"))))
    }
}
