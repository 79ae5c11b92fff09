import ArgumentParser

/// What becomes of an identity after its enrollment.
struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity", abstract: "Look an identity file over, renew its certificate, change its key.",
        discussion: """
            Examples:
              ziti-keystore identity show ziggy.json
              ziti-keystore identity check ziggy.json --pin-source pin.txt
              ziti-keystore identity renew ziggy.json --if-due 30d --pin-source pin.txt
              ziti-keystore identity roll ziggy.json --to 'pkcs11:token=demo;object=new' --generate
              ziti-keystore identity convert ziggy.json --to go-sdk -o go.json
            """,
        subcommands: [
            IdentityShowCommand.self, IdentityCheckCommand.self, IdentityRenewCommand.self, IdentityRollCommand.self,
            IdentityConvertCommand.self,
        ])
}
