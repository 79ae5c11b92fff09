internal import FoundationEssentials

/// Many identities in one process, and how that grows with their number.
struct BatchSuite {
    let programs: Programs
    let launcher: Launcher
    let folder: TemporaryFolder
    let rounds: Int

    private static let counts = [10, 100, 1000]

    func comparisons(token: SoftHSMToken, controller: Controller) -> [Comparison] {
        let inToken = ["--module", token.module, "--pin-env", SoftHSMToken.pinVariable]
        return [
            Comparison(
                title: "many enrollments in one process, key files, each", unit: "ms", rounds: rounds,
                contenders: Self.counts.map { count in
                    contender(count, controller, ["--no-passphrase"]) { name in "file:\(name).key.pem" }
                }),
            Comparison(
                title: "many enrollments in one process, SoftHSM2, each", unit: "ms", rounds: rounds,
                prepare: token.make,
                contenders: Self.counts.map { count in
                    contender(count, controller, inToken, token.environment) { name in
                        "pkcs11:token=\(SoftHSMToken.label);object=\(name)"
                    }
                }),
        ]
    }

    private func contender(
        _ count: Int, _ controller: Controller, _ options: [String], _ environment: [String: String] = [:],
        key: @escaping (String) -> String
    ) -> Contender {
        // A thousand take seconds, and what they show is whether each costs as much as one of ten does.
        Contender(name: "\(count.grouped) identities", rounds: count == 1000 ? 3 : nil) {
            let names = (0..<count).map { _ in "batch-\(UInt64.random(in: 0 ... .max))" }
            let rows = zip(names, try controller.makeJWTs(for: names)).map { name, jwt in
                "\(jwt),\(key(name)),\(name).json,true\n"
            }
            let manifest = try folder.write(
                "jwt,key,out,generate\n\(rows.joined())".utf8, to: "\(names[0]).csv")
            let outcome = try launcher.run(
                [programs.ours, "enroll", "--batch", manifest] + options, environment: environment)
            return Sample(
                value: outcome.wallMilliseconds / Double(count),
                rate: Double(count) / outcome.wallMilliseconds * 1000, peakMegabytes: outcome.peakMegabytes)
        }
    }
}
