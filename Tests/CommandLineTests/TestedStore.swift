import Testing

/// A place for keys that a command is tried on, with the options that open it.
enum TestedStore: CaseIterable, CustomTestStringConvertible {
    case plainFile
    case encryptedFile
    case token

    var testDescription: String {
        switch self {
        case .plainFile: "a key file"
        case .encryptedFile: "an encrypted key file"
        case .token: "a SoftHSM2 token"
        }
    }

    /// Surroundings with this store in them, the reference of a key that is not there yet, and what makes and opens it.
    func prepare() async throws -> (line: CommandLine, key: String, make: [String], use: [String]) {
        let line = try CommandLine()
        switch self {
        case .plainFile: return (line, line.file("key.pem"), ["--no-passphrase"], [])
        case .encryptedFile:
            let source = ["--passphrase-source", line.path("passphrase")]
            return (line, line.file("key.pem"), source, source)
        case .token:
            try await line.makeToken()
            let source = ["--pin-source", line.path("pin")]
            return (line, "pkcs11:token=demo;object=ziggy", source, source)
        }
    }
}
