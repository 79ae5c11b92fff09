import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Makes a key.
struct GenerateCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Make a key where the reference says, and print its full reference.",
        discussion: """
            Label and id are taken from the reference; without an id a random one is chosen. A label or id that is taken is an \
            error, and nothing is overwritten unless --replace is given. A key file is encrypted with a passphrase unless --no-passphrase is given.

            A key signs, unless --use says that it decrypts (RSA) or derives (EC), or several of these: best is one key for \
            each use. An X25519 key derives, and does nothing else.

            Examples:
              ziti-keystore generate 'pkcs11:token=demo;object=ziggy' --pin-source pin.txt
              ziti-keystore generate file:///etc/keys/ziggy.pem --kty RSA --size 3072
              ziti-keystore generate 'pkcs11:token=demo;object=sealed' \\
                --kty RSA --use decrypt
              ziti-keystore generate 'piv:serial=112233;slot=9a' --touch-policy always
              ziti-keystore generate 'piv:serial=112233;slot=9d' --kty OKP --crv X25519
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var keyType: KeyTypeOptions
    @OptionGroup var keyPurpose: KeyPurposeOptions
    @OptionGroup var policy: KeyPolicyOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Flag(help: "Do not encrypt a key file.")
    var noPassphrase = false

    @Argument(help: "Where the key is to be, under which label and id.")
    var reference: String

    func validate() throws {
        try keyPurpose.demand(fitting: try keyType.type)
        if noPassphrase, try passphrase.choice() != nil {
            throw ValidationError("'--no-passphrase' does not go with a source for a passphrase.")
        }
        try SecretChoice.demandDifferentDescriptors([
            ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
            ("passphrase", try passphrase.choice()),
        ])
    }

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), newPassphrase: try passphrase.choice(),
            leavesNewFileOpen: noPassphrase, mayAsk: context.mayAsk)
        let store = try context.open(uri)
        let (type, purpose) = (try keyType.type, keyPurpose.purpose(of: try keyType.type))
        let options = try policy.options(for: purpose, in: store)
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        let key =
            if let options {
                try session.generateKey(type, options: options, at: uri)
            } else {
                try session.generateKey(type, purpose: purpose, at: uri)
            }
        try context.print("generate", [key.info.json], text: key.info.uri.redacted)
    }
}
