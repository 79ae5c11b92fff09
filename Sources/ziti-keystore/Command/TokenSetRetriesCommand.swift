import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Sets how often a token lets its PIN and PUK be tried.
struct TokenSetRetriesCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-retries", abstract: "Set how many wrong PINs and PUKs in a row lock them.",
        discussion: """
            For tokens that let it be set. A YubiKey sets PIN and PUK to the ones it was sold with by it: change them afterwards.

            Example:
              ziti-keystore token set-retries 'piv:serial=112233' --pin 5 --puk 3
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions

    @Option(name: .customLong("pin"), help: ArgumentHelp("The tries for the PIN, 1 to 255.", valueName: "n"))
    var pinTries: Int

    @Option(name: .customLong("puk"), help: ArgumentHelp("The tries for the PUK, 1 to 255.", valueName: "n"))
    var pukTries: Int

    @Argument(help: "The token.")
    var reference: String

    func validate() throws {
        for (option, tries) in [("pin", pinTries), ("puk", pukTries)] where !(1...255).contains(tries) {
            throw ValidationError("'--\(option)' takes a number of tries from 1 to 255.")
        }
        try SecretChoice.demandDifferentDescriptors([
            ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
        ])
    }

    func run(in context: CommandContext) throws {
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), mayAsk: context.mayAsk)
        try TokenChange(reference: reference, done: "set the tries of").run(secrets, in: context) {
            (store, pin) throws(KeyStoreError) in
            try store.setRetries(pinTries: pinTries, pukTries: pukTries, pin: pin)
        }
    }
}
