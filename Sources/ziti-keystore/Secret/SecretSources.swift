import KeyStoreCore
import KeyStoreLoader
import Synchronization

/// Answers every secret that a backend may ask for, from what the command line says.
struct SecretSources: Sendable {
    /// The token's PIN.
    var pin: SecretChoice?
    /// The security officer's PIN of the token.
    var securityOfficerPIN: SecretChoice?
    /// A PIN that is to be set.
    var newPIN: SecretChoice?
    /// A security officer's PIN that is to be set; nil for `newPIN`.
    var newSecurityOfficerPIN: SecretChoice?
    /// The code that unblocks the token's PIN.
    var puk: SecretChoice?
    /// Such a code that is to be set.
    var newPUK: SecretChoice?
    /// The key that allows changes to the token.
    var managementKey: SecretChoice?
    /// Such a key that is to be set.
    var newManagementKey: SecretChoice?
    /// The passphrase of a key file.
    var passphrase: SecretChoice?
    /// The passphrase for a new key file.
    var newPassphrase: SecretChoice?
    /// Whether a new key file is to have none.
    var leavesNewFileOpen = false
    /// Whether the person at the terminal may be asked.
    var mayAsk = true

    /// The source for one run of a command. What a person or a descriptor gave is remembered for that time, so that neither
    /// is asked twice; a store sends no PIN again that was refused.
    var source: PINSource {
        let pin = source(pin)
        let passphrase = source(passphrase)
        let newPassphrase = source(
            newPassphrase,
            or: leavesNewFileOpen ? .callback { _ throws(KeyStoreError) in try PIN("") } : nil)
        let securityOfficerPIN = source(securityOfficerPIN)
        let newSecurityOfficerPIN = source(newSecurityOfficerPIN ?? newPIN)
        let newPIN = source(newPIN)
        let puk = source(puk)
        let newPUK = source(newPUK)
        let managementKey = source(managementKey)
        let newManagementKey = source(newManagementKey)
        return .callback("the command line") { request throws(KeyStoreError) in
            switch request.kind {
            case .pin: return try pin.pin(for: request)
            case .contextPIN:
                // One command is one action: the PIN that opened the session is the one that is asked for again.
                var request = request
                request.kind = .pin
                return try pin.pin(for: request)
            case .securityOfficerPIN: return try securityOfficerPIN.pin(for: request)
            case .newPIN: return try newPIN.pin(for: request)
            case .newSecurityOfficerPIN: return try newSecurityOfficerPIN.pin(for: request)
            case .puk: return try puk.pin(for: request)
            case .newPUK: return try newPUK.pin(for: request)
            case .managementKey: return try managementKey.pin(for: request)
            case .newManagementKey: return try newManagementKey.pin(for: request)
            case .passphrase: return try passphrase.pin(for: request)
            case .newPassphrase: return try newPassphrase.pin(for: request)
            }
        }
    }

    private func source(_ choice: SecretChoice?, or fallback: PINSource? = nil) -> PINSource {
        if let choice { return choice.source.remembering() }
        if let fallback { return fallback }
        let mayAsk = mayAsk
        return .callback("the terminal") { request throws(KeyStoreError) in
            guard mayAsk else {
                throw KeyStoreError(
                    .pinRequired,
                    "\(request.subject) needs \(request.kind.words), no source for it was given, and "
                        + "--non-interactive forbids asking",
                    operation: "ask for a secret", subject: request.uri)
            }
            TerminalSettings.remember()
            return try PINSource.prompt.pin(for: request)
        }.remembering()
    }
}
