import KeyStoreCore
import Synchronization

/// What open paths do when their token is unplugged, and when it is plugged in again. The last thing that is done with them.
struct UnplugTrial {
    /// How long a path may take, in seconds. Some modules never come back from a call on a token that is gone.
    static let limitSeconds = 20

    /// Paths that a call may still be running on, which closing them would wait for. They end with the process.
    private static let abandoned = Mutex<[OpenedPath]>([])

    private let opened: [OpenedPath]
    private let algorithm: SignatureAlgorithm

    init(_ opened: [OpenedPath], using algorithm: SignatureAlgorithm) {
        self.opened = opened
        self.algorithm = algorithm
        Self.abandoned.withLock { $0 += opened }
    }

    /// Has a person do it, and answers what each path did.
    func run() throws -> (unplugged: [TrialOutcome], replugged: [TrialOutcome]) {
        try TerminalPause.wait("Unplug the token, then press Enter.")
        let unplugged = opened.map(sign)
        try TerminalPause.wait("Plug it in again, wait until it is ready, then press Enter.")
        return (unplugged, opened.map(sign))
    }

    private func sign(_ path: OpenedPath) -> TrialOutcome {
        let outcome = BoundedCall.run(for: "--interactive", milliseconds: Self.limitSeconds * 1000) { [algorithm] in
            TrialOutcome { () throws(KeyStoreError) in try path.signingTime(KeyProof.message, algorithm) }
        }
        return outcome ?? .noAnswer(seconds: Self.limitSeconds)
    }
}
