import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Changes a PIN of a token.
struct TokenChangePINCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-pin", abstract: "Change a token's user PIN, or the security officer's, given the old one.",
        discussion: """
            The user's old PIN comes from --pin-source and so on; with --so it is the security officer's, and comes from \
            --so-pin-source and so on.

            Examples:
              ziti-keystore token change-pin 'pkcs11:token=demo' \\
                --pin-source pin.txt --new-pin-source new-pin.txt
              ziti-keystore token change-pin --so 'pkcs11:token=demo'
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var securityOfficerPIN: SecurityOfficerPINOptions
    @OptionGroup var newPIN: NewPINOptions

    @Flag(name: .customLong("so"), help: "Change the security officer's PIN instead of the user's.")
    var isOfSecurityOfficer = false

    @Argument(help: "The token.")
    var reference: String

    func validate() throws {
        let (user, officer) = (try pin.choice(), try securityOfficerPIN.choice())
        if isOfSecurityOfficer, user != nil {
            throw ValidationError("With '--so' the old PIN is the security officer's: '--so-pin-source' and so on.")
        }
        if !isOfSecurityOfficer, officer != nil {
            throw ValidationError("Without '--so' the old PIN is the user's: '--pin-source' and so on.")
        }
        try SecretChoice.demandDifferentDescriptors([
            ("pin", user), ("so-pin", officer), ("new-pin", try newPIN.choice()),
        ])
    }

    func run(in context: CommandContext) throws {
        let secrets = SecretSources(
            pin: try pin.choice(), securityOfficerPIN: try securityOfficerPIN.choice(), newPIN: try newPIN.choice(),
            mayAsk: context.mayAsk)
        let name = isOfSecurityOfficer ? "security officer's" : "user"
        try TokenChange(reference: reference, done: "changed the \(name) PIN of").run(secrets, in: context) {
            (store, pin) throws(KeyStoreError) in
            try store.changePIN(of: isOfSecurityOfficer ? .securityOfficer : .user, pin: pin)
        }
    }
}
