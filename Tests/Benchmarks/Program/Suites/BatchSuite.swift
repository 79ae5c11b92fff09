internal import FoundationEssentials

/// Many identities in one process, and how that grows with their number.
struct BatchSuite {
    let programs: Programs
    let launcher: Launcher
    let folder: TemporaryFolder
    let rounds: Int

    private static let counts = [10, 100, 1000]

    func comparisons(controller: Controller, makeToken: @escaping () throws -> SoftHSMToken) -> [Comparison] {
        [
            Comparison(
                title: "many enrollments in one process, key files, each", unit: "ms", rounds: rounds,
                contenders: Self.counts.map { count in
                    contender(count) {
                        try enroll(count, controller, ["--no-passphrase"]) { name in "file:\(name).key.pem" }
                    }
                }),
            Comparison(
                title: "many enrollments in one process, a new SoftHSM2 token, each", unit: "ms", rounds: rounds,
                contenders: Self.counts.map { count in
                    contender(count) {
                        // What is on the token already costs, so each run has one of its own.
                        let token = try makeToken()
                        try token.make()
                        let options = ["--module", token.module, "--pin-env", SoftHSMToken.pinVariable]
                        return try enroll(count, controller, options, token.environment) { name in
                            "pkcs11:token=\(SoftHSMToken.label);object=\(name)"
                        }
                    }
                }),
        ]
    }

    /// A thousand take long, and what they show is whether each costs as much as one of ten does.
    private func contender(_ count: Int, run: @escaping () throws -> Sample) -> Contender {
        Contender(name: "\(count.grouped) identities", rounds: count == 1000 ? 1 : nil, run: run)
    }

    private func enroll(
        _ count: Int, _ controller: Controller, _ options: [String], _ environment: [String: String] = [:],
        key: (String) -> String
    ) throws -> Sample {
        let names = (0..<count).map { _ in "batch-\(UInt64.random(in: 0 ... .max))" }
        let rows = zip(names, try controller.makeJWTs(for: names)).map { name, jwt in
            "\(jwt),\(key(name)),\(name).json,true\n"
        }
        let manifest = try folder.write("jwt,key,out,generate\n\(rows.joined())".utf8, to: "\(names[0]).csv")
        let outcome = try launcher.run(
            [programs.ours, "enroll", "--batch", manifest] + options, environment: environment, seconds: 900)
        return Sample(
            value: outcome.wallMilliseconds / Double(count), rate: Double(count) / outcome.wallMilliseconds * 1000,
            peakMegabytes: outcome.peakMegabytes)
    }
}
