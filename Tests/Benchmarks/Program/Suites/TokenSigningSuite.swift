/// Signatures in a loop with a key on a token, already found: through the whole path, beside loops in C on the same module,
/// and beside what other libraries make of it.
struct TokenSigningSuite {
    let loops: LoopLauncher
    let rounds: Int

    /// A kind of key.
    struct Subject {
        let name: String
        let label: String
        let mechanism: String
        let algorithm: String

        static let p256 = Subject(name: "P-256", label: "ec", mechanism: "ecdsa", algorithm: "ES256")
        static let rsa2048 = Subject(name: "RSA-2048", label: "rsa", mechanism: "rsa", algorithm: "RS256")
    }

    func comparisons(token: SoftHSMToken, large: SoftHSMToken) -> [Comparison] {
        [Subject.p256, .rsa2048].flatMap { subject in
            [
                alone(subject, .digest, on: token), besideLibraries(subject, on: token),
                together(subject, threads: 2, on: token), together(subject, threads: 8, on: token),
                unchanged(subject, from: token, to: large),
            ]
        } + [2, 8].map { together(.p256, threads: $0, on: large) }
    }

    /// One thread, nothing but the signature.
    private func alone(_ subject: Subject, _ form: SigningForm, on token: SoftHSMToken) -> Comparison {
        Comparison(
            title: title(subject, "\(form.rawValue), 1 thread", token), unit: "µs", rounds: rounds, prepare: token.make,
            contenders: [raw(subject, form, on: token)] + Way.alone.map { ours(subject, $0, form, on: token) })
    }

    /// One thread, a message that is hashed: what every library does.
    private func besideLibraries(_ subject: Subject, on token: SoftHSMToken) -> Comparison {
        let libraries: [(String, [String])] = [
            ("GnuTLS", [loops.programs.gnutls]), ("OpenSSL with the engine of libp11", [loops.programs.engine]),
            ("python-pkcs11", [loops.programs.peerPython, loops.programs.pythonPKCS11, "sign"]),
            ("PyKCS11", [loops.programs.peerPython, loops.programs.pyKCS11, "sign"]),
        ]
        let peers = libraries.map { name, arguments in
            Contender(name: name) {
                try loops.sample(
                    arguments + [token.module, SoftHSMToken.label, subject.label], environment: token.environment)
            }
        }
        let own = Way.alone.map { way in
            var contender = ours(subject, way, .message, on: token)
            if way != .single { contender.targets += peers.map { .notSlower(than: $0.name) } }
            return contender
        }
        return Comparison(
            title: title(subject, "message, 1 thread", token), unit: "µs", rounds: rounds, prepare: token.make,
            contenders: [raw(subject, .message, on: token)] + own + peers)
    }

    /// Several at once with a session each, beside the two sessions that two processors can keep busy. Of a token with many
    /// keys, where every process takes a second to start, only what has a target.
    private func together(_ subject: Subject, threads: Int, on token: SoftHSMToken) -> Comparison {
        let isLarge = token.keys >= 1000
        let raw = Set([2, isLarge ? 2 : threads]).sorted().map { self.raw(subject, .message, threads: $0, on: token) }
        let ways: [Way] = isLarge ? [.mirror, .scope] : Way.alone
        let own = ways.map { way in
            ours(
                subject, way, .message, threads: threads,
                targets: way == .single ? [] : [Target(limit: .rate(0.95))], on: token)
        }
        return Comparison(
            title: title(subject, "message, \(threads) at once, µs each", token), unit: "µs",
            rounds: isLarge ? 3 : rounds, prepare: token.make, contenders: raw + own)
    }

    /// The same signature on a token with many keys.
    private func unchanged(_ subject: Subject, from token: SoftHSMToken, to large: SoftHSMToken) -> Comparison {
        let ways: [Way] = [.mirror, .scope]
        func named(_ contender: Contender, _ token: SoftHSMToken, _ targets: [Target]) -> Contender {
            Contender(name: "\(contender.name), \(token.size)", targets: targets, run: contender.run)
        }
        let raw = [token, large].map { named(self.raw(subject, .message, on: $0), $0, []) }
        let few = ways.map { named(ours(subject, $0, .message, on: token), token, []) }
        // The module itself takes a little longer among many keys, so both are told.
        let many = zip(ways, few).map { way, few in
            named(
                ours(subject, way, .message, on: large), large,
                [
                    Target(limit: .times(1.02), peer: few.name),
                    Target(limit: .over(part: 0.05, units: 3), peer: raw[1].name),
                ])
        }
        return Comparison(
            title: "sign SoftHSM2 \(subject.name), message, 1 thread, by number of keys", unit: "µs",
            rounds: min(rounds, 7),
            prepare: {
                try token.make()
                try large.make()
            },
            contenders: raw + few + many)
    }

    // MARK: Contenders

    private func raw(
        _ subject: Subject, _ form: SigningForm, threads: Int = 1, on token: SoftHSMToken
    ) -> Contender {
        let name = threads == 1 ? "raw PKCS#11 in C" : "raw PKCS#11 in C, \(threads.counted("session"))"
        return Contender(name: name) {
            try loops.sample(
                [
                    loops.programs.rawPKCS11, "loop", token.module, SoftHSMToken.label, subject.label,
                    subject.mechanism, form.rawValue, String(threads),
                ], byRate: threads > 1, environment: token.environment)
        }
    }

    private func ours(
        _ subject: Subject, _ way: Way, _ form: SigningForm, threads: Int = 1, targets: [Target]? = nil,
        on token: SoftHSMToken
    ) -> Contender {
        let usual: [Target] = way == .single ? [] : [Target(limit: .over(part: 0.05, units: 3))]
        return Contender(name: way.title, targets: targets ?? usual) {
            try loops.sample(
                loops.ours("sign", way, reference: token.reference(subject.label), module: token.module) + [
                    "--algorithm", subject.algorithm, "--form", form.rawValue, "--threads", String(threads),
                    "--milliseconds",
                ], byRate: threads > 1, environment: token.environment)
        }
    }

    private func title(_ subject: Subject, _ rest: String, _ token: SoftHSMToken) -> String {
        "sign SoftHSM2 \(subject.name), \(rest)\(token.keys == 1 ? "" : ", \(token.size)")"
    }
}
