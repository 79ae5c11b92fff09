/// How an identity file writes what all dialects say.
struct IdentityForm: Hashable, Sendable {
    /// Whether the controller's address has the client API's path behind it.
    var addressHasPath = true
    /// Whether PEM has `pem:` before it.
    var pemHasPrefix = true

    /// PEM in this form.
    func pem(_ text: String) -> String { (pemHasPrefix ? PEMText.prefix : "") + text }

    /// A controller's address in this form.
    func address(_ controller: ControllerAddress) -> String { addressHasPath ? controller.clientAPI : controller.text }
}
