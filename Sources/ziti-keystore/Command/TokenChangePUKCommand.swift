import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Changes the PUK of a token.
struct TokenChangePUKCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-puk", abstract: "Change a token's PUK, given the old one.",
        discussion: """
            The PUK sets a new PIN in place of a locked one, on tokens that have no security officer.

            Example:
              ziti-keystore token change-puk 'piv:serial=112233' \\
                --puk-source puk.txt --new-puk-source new-puk.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var puk: PUKOptions
    @OptionGroup var newPUK: NewPUKOptions

    @Argument(help: "The token.")
    var reference: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors([("puk", try puk.choice()), ("new-puk", try newPUK.choice())])
    }

    func run(in context: CommandContext) throws {
        let secrets = SecretSources(puk: try puk.choice(), newPUK: try newPUK.choice(), mayAsk: context.mayAsk)
        try TokenChange(reference: reference, done: "changed the PUK of").run(secrets, in: context) {
            (store, pin) throws(KeyStoreError) in try store.changePIN(of: .puk, pin: pin)
        }
    }
}
