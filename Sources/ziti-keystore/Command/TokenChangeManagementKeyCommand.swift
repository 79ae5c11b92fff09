import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Changes the management key of a token.
struct TokenChangeManagementKeyCommand: StoreCommand {
    enum Algorithm: String, CaseIterable, ExpressibleByArgument {
        case tripleDES = "3DES"
        case aes128 = "AES128"
        case aes192 = "AES192"
        case aes256 = "AES256"
    }

    static let configuration = CommandConfiguration(
        commandName: "change-management-key", abstract: "Change a token's management key, given the old one.",
        discussion: """
            The management key allows keys and certificates to be made and stored, on tokens that have one. Both are given in \
            hexadecimal: 48 digits for 3DES and AES192, 32 for AES128, 64 for AES256.

            Example:
              ziti-keystore token change-management-key 'piv:serial=112233' \\
                --management-key-source old.txt --new-management-key-source new.txt --algorithm AES256
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var newManagementKey: NewManagementKeyOptions

    @Option(help: "The new key's cipher; the present one's unless said otherwise.")
    var algorithm: Algorithm?

    @Argument(help: "The token.")
    var reference: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors([
            ("management-key", try managementKey.choice()), ("new-management-key", try newManagementKey.choice()),
        ])
    }

    func run(in context: CommandContext) throws {
        let secrets = SecretSources(
            managementKey: try managementKey.choice(), newManagementKey: try newManagementKey.choice(),
            mayAsk: context.mayAsk)
        try TokenChange(reference: reference, done: "changed the management key of").run(secrets, in: context) {
            (store, pin) throws(KeyStoreError) in
            try store.changeManagementKey(algorithm: algorithm?.rawValue, pin: pin)
        }
    }
}
