import ChildProcess
import OpenSSL
import Testing

@testable import VirtualYubiKey

extension ProgramOutcome {
    /// The same, if the program has ended well; records what it printed if not.
    @discardableResult
    func succeeded(_ location: SourceLocation = #_sourceLocation) throws -> ProgramOutcome {
        try #require(status == 0, "\(self)", sourceLocation: location)
        return self
    }
}

extension PluggedKey {
    /// Whether openssl verifies the signature in a file of the folder as one of the message in another, by the key in a slot.
    func verifies(
        _ signature: String, of message: String, by slot: Slot, hash: String? = "sha256", isPSS: Bool = false
    ) throws -> Bool {
        try OpenSSLCommand.verifies(
            folder.read(signature), of: folder.read(message), publicKey: #require(try key.publicKeyDER(in: slot)),
            hash: hash, isPSS: isPSS)
    }

    /// The public key in a PEM file of the folder, DER.
    func publicKey(inFile name: String) throws -> [UInt8] {
        try OpenSSLCommand.run(["pkey", "-pubin", "-in", folder.path(name), "-outform", "DER"])
    }
}
