/// Signatures in a loop with a key from a file, through the whole path, beside a loop in C on the same file.
struct FileSigningSuite {
    let loops: LoopLauncher
    let rounds: Int

    func comparisons(files: SoftwareKeys) -> [Comparison] {
        [("P-256", "ES256", files.p256), ("RSA-2048", "RS256", files.rsa2048)].flatMap { name, algorithm, path in
            [(SigningForm.digest, 1), (.message, 1), (.message, 2)].map { form, threads in
                comparison(name, algorithm, path, form, threads: threads)
            }
        }
    }

    private func comparison(
        _ name: String, _ algorithm: String, _ path: String, _ form: SigningForm, threads: Int
    ) -> Comparison {
        let peer = Contender(name: "raw EVP in C") {
            try loops.sample(
                [loops.programs.rawEVP, "loop", path, form.rawValue, String(threads)], byRate: threads > 1,
                environment: [:])
        }
        let ours = Way.alone.map { way in
            Contender(
                name: way.title,
                targets: [
                    Target(
                        limit: threads > 1
                            ? .rate(0.95) : way == .single ? .within(units: 25) : .over(part: 0.05, units: 3))
                ]
            ) {
                try loops.sample(
                    loops.ours("sign", way, reference: "file:\(path)", module: nil) + [
                        "--algorithm", algorithm, "--form", form.rawValue, "--threads", String(threads),
                        "--milliseconds",
                    ], byRate: threads > 1, environment: [:])
            }
        }
        return Comparison(
            title:
                "sign file \(name), \(form.rawValue), \(threads.counted("thread"))\(threads == 1 ? "" : ", µs each")",
            unit: "µs", rounds: rounds, contenders: [peer] + ours)
    }
}
