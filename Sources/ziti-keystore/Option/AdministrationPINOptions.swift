import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// The token, and the PINs with which a security officer sets its user's.
struct AdministrationPINOptions: ParsableArguments {
    @Argument(help: "The token.")
    var reference: String

    @OptionGroup var securityOfficerPIN: SecurityOfficerPINOptions
    @OptionGroup var newPIN: NewPINOptions

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors([
            ("so-pin", try securityOfficerPIN.choice()), ("new-pin", try newPIN.choice()),
        ])
    }

    /// Does something to the one token that the reference matches, and prints which it was.
    func run(
        in context: CommandContext, puk: SecretChoice? = nil, done: String,
        _ body: (BlockingKeyStore, PINSource) throws(KeyStoreError) -> Void
    ) throws {
        let secrets = SecretSources(
            securityOfficerPIN: try securityOfficerPIN.choice(), newPIN: try newPIN.choice(), puk: puk,
            mayAsk: context.mayAsk)
        try TokenChange(reference: reference, done: done).run(secrets, in: context, body)
    }
}
