import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Moves a key to another place on its token.
struct MoveCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move a key to another place on its token, and print its new reference.",
        discussion: """
            Its certificate goes with it. A place that another key has is refused. References that stand in identity files go \
            on naming the old place: change them as well.

            Example:
              ziti-keystore move 'piv:serial=112233;slot=9a' \\
                'piv:serial=112233;slot=82' --management-key-source key.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions

    @Argument(help: "The key.")
    var reference: String

    @Argument(help: "Where it is to be.")
    var place: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors([
            ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
        ])
    }

    func run(in context: CommandContext) throws {
        let (uri, place) = (try KeyStoreURI(reference), try KeyStoreURI(place))
        // What is wrong with the second reference is found out before anything is asked for.
        _ = try context.loader.describe(place, backend: context.backend)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), mayAsk: context.mayAsk)
        let store = try context.open(uri, for: .moving, lacks: "moves no keys")
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        let key = try session.moveKey(at: uri, to: place)
        try context.print("move", [key.json], text: key.uri.redacted)
    }
}
