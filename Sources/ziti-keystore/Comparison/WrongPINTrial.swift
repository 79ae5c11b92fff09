import KeyStoreCore
import KeyStoreLoader

/// What a path says to one wrong PIN or passphrase. The right one is sent afterwards, so that the token's count begins anew.
struct WrongPINTrial {
    let opener: PathOpener
    let index: Int

    /// Throws where a wrong one could lock the token now, and where the right one is not accepted afterwards.
    func run() throws -> TrialOutcome {
        let path = opener.comparison.paths[index]
        let owner = opener.secretOwners[index]
        let survey = try path.naming { try PathSurvey(path, try opener.comparison.open(path)) }
        try PINRisk.demandNone(survey)
        guard !survey.token.flags.contains(.pinPad) else {
            return .notTried("the PIN is entered on the device itself")
        }
        guard opener.comparison.secrets.hasSecret(for: owner) else {
            return .notTried("this path asked for no PIN or passphrase")
        }
        let wrong = opener.comparison.secrets.wrongSource(for: owner)
        let outcome = TrialOutcome { () throws(KeyStoreError) in
            let opened = try opener.open(index, pin: wrong.source)
            opened.close()
            return 0
        }
        guard wrong.wasAsked() else { return .notTried("this path asked for no PIN or passphrase") }
        // Accepted on this very token some moments ago: not the last try, whatever is left of them.
        let opened = try path.naming {
            try opener.open(
                index, pin: opener.comparison.secrets.source(for: owner), allowsLastTry: true)
        }
        opened.close()
        guard case .failed = outcome else { return .notTried("it was not rejected") }
        return outcome
    }
}
