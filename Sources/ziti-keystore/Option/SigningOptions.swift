import ArgumentParser
import Crypto
import KeyStoreCore

/// What is signed or verified, and how.
struct SigningOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        /// As certificates and TLS have it: ECDSA as DER.
        case der
        /// As JOSE has it: ECDSA as r and s at full length.
        case jose
    }

    /// Messages up to this length are handed over as they are; longer ones are hashed here while they are read.
    private static let messageLimit = 1 << 20

    @Option(
        help: ArgumentHelp(
            "ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512 or EdDSA. RSA keys need it; others have one only.",
            valueName: "name"))
    var alg: String?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("The message: a file, or '-' for the standard input.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("Instead of a message, its digest with the algorithm's hash.", valueName: "hex"))
    var digest: String?

    @Option(help: "How an ECDSA signature is written: DER, or r and s as JOSE has them.")
    var format = Format.der

    func validate() throws {
        guard (input == nil) != (digest == nil) else {
            throw ValidationError("Exactly one of '--in' and '--digest' says what is signed.")
        }
        if let alg, SignatureAlgorithm(joseName: alg) == nil {
            throw ValidationError(
                "'\(alg)' is not an algorithm: \(SignatureAlgorithm.all.compactMap(\.joseName).joined(separator: ", "))."
            )
        }
        if let digest, Hexadecimal.bytes(digest) == nil {
            throw ValidationError("'--digest' takes an even number of hexadecimal digits.")
        }
    }

    /// The algorithm that was named, or the only one the key has. Throws a usage error where there is a choice.
    func algorithm(for type: KeyType?) throws -> SignatureAlgorithm {
        if let alg, let algorithm = SignatureAlgorithm(joseName: alg) {
            guard type?.algorithms.contains(algorithm) ?? true else {
                throw KeyStoreError(
                    .unsupportedMechanism,
                    "\(algorithm) does not go with a key of the type \(type.map { "\($0)" } ?? "other")",
                    operation: "choose algorithm")
            }
            return algorithm
        }
        guard let type else {
            throw KeyStoreError(
                .unsupportedMechanism, "this program knows no algorithm for a key of this type",
                operation: "choose algorithm")
        }
        let choices = type.algorithms
        guard !choices.isEmpty else {
            throw KeyStoreError(
                .unsupportedMechanism, "\(type) keys sign nothing: they derive shared secrets",
                operation: "choose algorithm")
        }
        guard let only = choices.first, choices.count == 1 else {
            let names = choices.compactMap(\.joseName).joined(separator: ", ")
            throw CommandFailure.usage("a key of this type needs '--alg': it is one of \(names)")
        }
        return only
    }

    /// The message or digest. Throws a usage error for a digest that does not fit the algorithm.
    func signingInput(for algorithm: SignatureAlgorithm) throws -> SigningInput {
        if let digest, let bytes = Hexadecimal.bytes(digest) {
            guard let hash = algorithm.hash else {
                throw CommandFailure.usage("\(algorithm) signs messages only, and takes no digest")
            }
            guard bytes.count == hash.digestLength else {
                throw CommandFailure.usage(
                    "\(algorithm) takes a digest of \(hash.digestLength) bytes, and this one has \(bytes.count)")
            }
            return .digest(bytes)
        }
        let file = InputFile(path: input ?? "-")
        switch algorithm.hash {
        case .sha256: return try Self.input(of: file, SHA256.self)
        case .sha384: return try Self.input(of: file, SHA384.self)
        case .sha512: return try Self.input(of: file, SHA512.self)
        case nil: return .message(try file.read(limit: 64 << 20))
        }
    }

    private static func input<Hash: HashFunction>(of file: InputFile, _: Hash.Type) throws -> SigningInput {
        var message: [UInt8] = []
        var hash: Hash?
        try file.forEachBlock { block in
            if hash == nil, message.count + block.count > messageLimit {
                hash = Hash()
                hash?.update(data: message)
                message = []
            }
            if hash == nil { message += block } else { hash?.update(bufferPointer: block) }
        }
        return hash.map { .digest(Array($0.finalize())) } ?? .message(message)
    }
}
