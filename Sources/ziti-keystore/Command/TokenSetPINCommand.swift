import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Sets a token's user PIN.
struct TokenSetPINCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-pin", abstract: "Set a token's user PIN, as its security officer.",
        discussion: """
            The first one, or another one in place of it; the keys stay.

            Example:
              ziti-keystore token set-pin 'pkcs11:token=demo' \\
                --so-pin-source so-pin.txt --new-pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pins: AdministrationPINOptions

    func run(in context: CommandContext) throws {
        try pins.run(in: context, done: "set the user PIN of") { (store, pin) throws(KeyStoreError) in
            try store.setPIN(pin: pin)
        }
    }
}
