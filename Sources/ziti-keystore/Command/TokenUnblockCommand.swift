import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Sets a new user PIN in place of a locked one.
struct TokenUnblockCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Set a new user PIN in place of a locked one, as the security officer.",
        discussion: """
            For a token that accepts no user PIN any more; the keys stay.

            Example:
              ziti-keystore token unblock 'pkcs11:token=demo' \\
                --so-pin-source so-pin.txt --new-pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pins: AdministrationPINOptions

    @Argument(help: "The token.")
    var reference: String

    func run(in context: CommandContext) throws {
        try pins.run(on: reference, in: context, done: "unblocked") { (store, pin) throws(KeyStoreError) in
            try store.unblockPIN(pin: pin)
        }
    }
}
