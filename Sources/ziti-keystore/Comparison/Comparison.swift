import KeyStoreCore
import KeyStoreLoader

/// One run of a comparison: first what needs no secret, then the openings, the proof, the signatures, and at last what goes
/// wrong on purpose. The first failure ends it, a rejected PIN above all: it is sent on no other path.
struct Comparison {
    /// What is asked of a run.
    struct Wishes: Sendable {
        /// How many signatures each path makes; nil for a number that its keys are no burden at.
        var count: Int?
        var algorithm: SignatureAlgorithm?
        var allowsPINFailure = false
        var isInteractive = false
    }

    let paths: [ComparisonPath]
    let wishes: Wishes
    let secrets: ComparisonSecrets
    private let context: CommandContext
    private let loader: BackendLoader
    private let notices: NoticeFilter

    init(_ paths: [ComparisonPath], _ wishes: Wishes, _ secrets: ComparisonSecrets, in context: CommandContext) {
        self.paths = paths
        self.wishes = wishes
        self.secrets = secrets
        self.context = context
        let notices = NoticeFilter(context.report)
        self.notices = notices
        // Nobody is told of native calls while time is measured, save with `--trace`, which is for faults.
        loader = context.loader(onNotice: { notices.notice($0) }, onTrace: context.onTrace)
    }

    func run() throws -> ComparisonResult {
        if context.onTrace != nil {
            context.report.warning("With --trace everything takes longer than it would without.")
        }
        for path in paths {
            try path.naming { _ = try loader.describe(path.reference, backend: path.backend) }
        }
        let surveys = try paths.map { path in try path.naming { try PathSurvey(path, try open(path)) } }
        try KeyProof.demandSameKey(surveys.map { ($0.path, $0.publicKey) })
        if wishes.allowsPINFailure { for survey in surveys { try PINRisk.demandNone(survey) } }
        let owners = surveys.secretOwners
        let opener = PathOpener(comparison: self, secretOwners: owners)

        let openings = try PathOpenings(opener, surveys, wanted: wishes.algorithm)
        let proofs = try paths.indices.map { try proof(of: $0, opener, openings.algorithm) }
        try KeyProof.demandValidSignatures(
            paths.indices.map { (paths[$0], openings.publicKeys[$0], proofs[$0].signature) }, openings.algorithm)
        let signatures = try signatures(opener, openings)
        var findings = paths.indices.map { index in
            PathFinding(
                path: paths[index], backend: proofs[index].backend, token: surveys[index].token,
                key: openings.keys[index], publicKey: openings.publicKeys[index], calls: proofs[index].calls,
                times: openings.times[index], signatures: signatures.statistics[index])
        }
        if wishes.allowsPINFailure {
            for index in paths.indices {
                findings[index].wrongPIN = try WrongPINTrial(opener: opener, index: index).run()
            }
        }
        if wishes.isInteractive {
            let opened = try paths.indices.map { index in try paths[index].naming { try opener.open(index) } }
            let outcomes = try UnplugTrial(opened, using: openings.algorithm).run()
            for index in paths.indices {
                findings[index].unplugged = outcomes.unplugged[index]
                findings[index].replugged = outcomes.replugged[index]
            }
        }
        return ComparisonResult(algorithm: openings.algorithm, findings: findings)
    }

    /// Opens a path's store. `onTrace` is told of native calls.
    func open(
        _ path: ComparisonPath, onTrace: (@Sendable (String) -> Void)? = nil, allowsLastTry: Bool = false
    ) throws(KeyStoreError) -> BlockingKeyStore {
        var loader = loader
        if onTrace != nil { loader = context.loader(onNotice: { [notices] in notices.notice($0) }, onTrace: onTrace) }
        var request = context.request(path.reference)
        request.allowsLastTry = request.allowsLastTry || allowsLastTry
        return try loader.openBlocking(request, backend: path.backend)
    }

    /// Opens a path, counts its calls, and has it sign the proof's message.
    private func proof(
        of index: Int, _ opener: PathOpener, _ algorithm: SignatureAlgorithm
    ) throws -> (backend: BackendInfo, signature: [UInt8], calls: NativeCalls?) {
        try paths[index].naming {
            let counter = NativeCallCounter()
            let trace = context.onTrace
            var counts: [Int] = []
            let opened = try opener.open(
                index, afterStep: { counts.append(counter.take()) },
                onTrace: { line in
                    counter.add(line)
                    trace?(line)
                })
            defer { opened.close() }
            var signature = try opened.key.sign(.message(KeyProof.message), using: algorithm)
            // The first signature may find out what later ones know. A person is not asked for a second.
            if !opened.key.info.protection.contains(.touch) {
                _ = counter.take()
                signature = try opened.key.sign(.message(KeyProof.message), using: algorithm)
            }
            let steps = KeySteps(open: counts[0], login: counts[1], find: counts[2])
            let calls = counter.unit.map { NativeCalls(unit: $0, steps: steps, sign: counter.take()) }
            return (opened.session.store.backend, signature, calls)
        }
    }

    /// Opens all paths and measures their signatures.
    private func signatures(_ opener: PathOpener, _ openings: PathOpenings) throws -> SignatureMeasurement {
        let opened = try paths.indices.map { index in try paths[index].naming { try opener.open(index) } }
        defer { for path in opened { path.close() } }
        let isTouched = openings.keys.contains { $0.protection.contains(.touch) }
        let count = wishes.count ?? (isTouched ? SignatureMeasurement.countWithTouch : SignatureMeasurement.count)
        if isTouched {
            context.report.note("a key wants to be touched, and \(count) signatures are measured on each path")
        }
        return try SignatureMeasurement(opened, count: count, using: openings.algorithm)
    }
}
