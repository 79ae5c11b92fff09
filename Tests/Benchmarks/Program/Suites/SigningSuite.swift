/// Signatures in a loop, key already found: through the whole path, beside loops in C on the same module or file.
struct SigningSuite {
    let programs: Programs
    let launcher: Launcher
    let milliseconds: Int
    let rounds: Int

    /// What the two backends are measured with.
    private struct Subject {
        let name: String
        let reference: String
        let module: String?
        let algorithm: String
        let environment: [String: String]
        /// The words that make a peer sign in the given form.
        let peer: (SigningForm) -> [String]
    }

    func comparisons(token: SoftHSMToken, files: SoftwareKeys) -> [Comparison] {
        let keys = [("P-256", "ec", "ecdsa", "ES256", files.p256), ("RSA-2048", "rsa", "rsa", "RS256", files.rsa2048)]
        return keys.flatMap { name, label, mechanism, algorithm, path in
            comparisons(
                Subject(
                    name: "SoftHSM2 \(name)", reference: token.reference(label), module: token.module,
                    algorithm: algorithm, environment: token.environment,
                    peer: { form in
                        [
                            programs.rawPKCS11, "loop", token.module, SoftHSMToken.label, label, mechanism,
                            form.rawValue,
                        ]
                    }))
                + comparisons(
                    Subject(
                        name: "file \(name)", reference: "file:\(path)", module: nil, algorithm: algorithm,
                        environment: [:], peer: { [programs.rawEVP, "loop", path, $0.rawValue] }))
        }
    }

    private func comparisons(_ subject: Subject) -> [Comparison] {
        [(SigningForm.digest, 1), (.message, 1), (.digest, 2), (.message, 2)].map { form, threads in
            let peer = Contender(name: subject.module == nil ? "raw EVP in C" : "raw PKCS#11 in C", target: nil) {
                try sample(
                    subject.peer(form) + [String(threads), String(milliseconds)], threads: threads,
                    environment: subject.environment)
            }
            let ours = Way.allCases.map { way in
                Contender(
                    name: way.title,
                    target: way == .single ? .within(units: 25) : .over(part: 0.05, units: 3)
                ) {
                    var arguments = [
                        programs.benchmarks, "work", "--way", way.rawValue, "--reference", subject.reference,
                        "--algorithm", subject.algorithm, "--form", form.rawValue, "--threads", String(threads),
                        "--milliseconds", String(milliseconds),
                    ]
                    if let module = subject.module { arguments += ["--module", module] }
                    return try sample(arguments, threads: threads, environment: subject.environment)
                }
            }
            return Comparison(
                title: "sign \(subject.name), \(form.rawValue), \(threads) thread\(threads == 1 ? "" : "s")",
                unit: "µs", rounds: rounds, contenders: [peer] + ours)
        }
    }

    /// One thread is measured by the median signature. Several are by how many signatures they make together: a thread that
    /// waits long for its turn has a good median, and so has a loop whose threads shut each other out.
    private func sample(_ arguments: [String], threads: Int, environment: [String: String]) throws -> Sample {
        let outcome = try launcher.run(arguments, environment: environment)
        let fields = Fields(outcome.output)
        guard let p50 = fields["p50"], let rate = fields["rate"], rate > 0 else {
            throw BenchmarkError("\(arguments[0]) printed no figures")
        }
        return Sample(
            value: threads == 1 ? p50 / 1000 : Double(threads) * 1_000_000 / rate, rate: rate,
            peakMegabytes: outcome.peakMegabytes)
    }
}

extension Way {
    fileprivate var title: String {
        switch self {
        case .mirror: "ours, blocking mirror"
        case .scope: "ours, async in a session scope"
        case .single: "ours, single async calls"
        }
    }
}
