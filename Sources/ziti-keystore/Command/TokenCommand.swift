import ArgumentParser

/// Making a token ready, and looking after its PINs.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token ready, and look after its PINs.",
        discussion: """
            A token has two PINs: the user's, who works with the keys, and the security officer's, who sets the user's. Each \
            comes from a file, a descriptor, an environment variable or the terminal, where a new one is asked for twice. \
            Each is sent once: a wrong one costs one try. Some tokens have a PUK and a management key in place of the security \
            officer's PIN.

            Examples:
              ziti-keystore tokens --all
              ziti-keystore token init 'pkcs11:slot-id=1' --label demo
              ziti-keystore token set-pin 'pkcs11:token=demo'
            """,
        subcommands: [
            TokenInitCommand.self, TokenSetPINCommand.self, TokenChangePINCommand.self, TokenUnblockCommand.self,
            TokenChangePUKCommand.self, TokenChangeManagementKeyCommand.self, TokenSetRetriesCommand.self,
            TokenResetCommand.self,
        ])
}
