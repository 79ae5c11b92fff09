import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Sets a new user PIN in place of a locked one.
struct TokenUnblockCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock",
        abstract: "Set a new user PIN in place of a locked one, as the security officer or with the PUK.",
        discussion: """
            For a token that accepts no user PIN any more; the keys stay. Whether the security officer's PIN is asked for or the \
            PUK depends on the token.

            Examples:
              ziti-keystore token unblock 'pkcs11:token=demo' \\
                --so-pin-source so-pin.txt --new-pin-source pin.txt
              ziti-keystore token unblock 'piv:serial=112233' \\
                --puk-source puk.txt --new-pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pins: AdministrationPINOptions
    @OptionGroup var puk: PUKOptions

    func validate() throws {
        let (officer, puk) = (try pins.securityOfficerPIN.choice(), try puk.choice())
        if officer != nil, puk != nil {
            throw ValidationError("A token asks for the security officer's PIN or for the PUK, not for both.")
        }
        try SecretChoice.demandDifferentDescriptors([("puk", puk), ("new-pin", try pins.newPIN.choice())])
    }

    func run(in context: CommandContext) throws {
        try pins.run(in: context, puk: try puk.choice(), done: "unblocked") {
            (store, pin) throws(KeyStoreError) in try store.unblockPIN(pin: pin)
        }
    }
}
