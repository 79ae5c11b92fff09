import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

/// What all rows of a batch have in common.
struct BatchPlan: Sendable {
    let context: CommandContext
    /// Loads backends, and tells the screen what they tell.
    let loader: BackendLoader
    let screen: BatchScreen
    /// The options of every enrollment, but for what its row says.
    let options: EnrollmentOptions
    /// Whether keys are made where a row does not say it, and of which type.
    let generates: Bool
    let keyType: KeyType
    /// Where PINs and passphrases come from.
    let secrets: PINSource
    let tokens: SharedTokens
    let stop = BatchStop()
    let tally = BatchTally()

    /// `sources` answers what the backends ask; `generate` is the type of the keys to make, nil where they are to be there.
    init(_ context: CommandContext, options: EnrollmentOptions, keyType: KeyType, sources: SecretSources) {
        let screen = BatchScreen(isJSON: context.isJSON, isVerbose: context.report.isVerbose)
        let loader = context.loader(onNotice: { screen.notice($0) }, onTrace: context.onTrace)
        self.context = context
        self.loader = loader
        self.screen = screen
        self.options = options
        generates = options.generate != nil
        self.keyType = keyType
        let stop = stop
        secrets = BatchSecrets.source(sources, whileAsking: { screen.whileAsking($0) }, onGivingUp: { stop.stop() })
        tokens = SharedTokens(
            describe: { uri throws(KeyStoreError) in try loader.describe(uri, backend: context.backend) },
            open: { uri throws(KeyStoreError) in
                try await loader.open(context.request(uri), backend: context.backend)
            })
    }

    /// Opens a store for one caller, who closes it.
    func open(_ uri: KeyStoreURI) async throws(KeyStoreError) -> any KeyStore {
        try await loader.open(context.request(uri), backend: context.backend)
    }
}
