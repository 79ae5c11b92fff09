internal import Glibc

/// Signatures by one virtual YubiKey's keys, on every path to them: directly, and through two PKCS#11 modules, each with what
/// the same work costs in C.
struct YubiKeySuite {
    let loops: LoopLauncher
    let folder: TemporaryFolder
    let rounds: Int
    let key: YubiKey

    /// A kind of key, and how each path names it.
    private struct Subject {
        let name: String
        let slot: String
        let id: String
        let kind: String
        let algorithm: String
        let pinPolicy: String

        static let all = [
            Subject(name: "P-256", slot: "9c", id: "02", kind: "ecdsa", algorithm: "ES256", pinPolicy: "always"),
            Subject(name: "RSA-2048", slot: "9a", id: "01", kind: "rsa", algorithm: "RS256", pinPolicy: "once"),
        ]
    }

    /// A PKCS#11 module in front of the key.
    private struct Module {
        let name: String
        let path: String
        let token: String
    }

    private static let libraries = "/usr/lib/x86_64-linux-gnu"
    private static let modules = [
        Module(name: "ykcs11", path: "\(libraries)/libykcs11.so.2", token: "YubiKey PIV #\(YubiKey.serial)"),
        // The token's label is the common name of the certificate in 9A.
        Module(name: "OpenSC", path: "\(libraries)/opensc-pkcs11.so", token: "virtual 9a"),
    ]
    private static let baseline = "libykpiv in C"

    func comparisons() throws -> [Comparison] {
        let message = try folder.write((0..<32).map { UInt8($0) }, to: "piv-message")
        return Subject.all.flatMap { subject in
            [("", "0"), (", 50 ms added", "0.05")].flatMap { words, latency in
                [
                    loop(subject, "sign virtual YubiKey \(subject.name)\(words)", latency),
                    process(subject, "one process, one YubiKey \(subject.name) signature\(words)", latency, message),
                ]
            }
        }
    }

    private func loop(_ subject: Subject, _ title: String, _ latency: String) -> Comparison {
        // A second holds some twenty of the slow operations.
        let milliseconds = latency == "0" ? nil : 1000
        func sample(_ arguments: [String]) throws -> Sample {
            try loops.sample(arguments, environment: key.environment, milliseconds: milliseconds)
        }
        let programs = loops.programs
        let direct = Contender(name: Self.baseline) {
            try sample([programs.rawPIV, "loop", "Yubico", subject.slot, subject.kind, subject.pinPolicy])
        }
        let ours = Way.alone.map { way in
            Contender(
                name: "\(way.title), piv", targets: way == .single ? [] : [Target(limit: .times(1.05))]
            ) {
                try sample(
                    loops.ours("sign", way, reference: reference(subject), module: nil)
                        + own(subject) + ["--milliseconds"])
            }
        }
        let modules = Self.modules.flatMap { module in
            [
                Contender(name: "\(module.name) in C") {
                    try sample([
                        programs.rawPKCS11, "loop", module.path, module.token, "id:\(subject.id)", subject.kind,
                        "message", "1",
                    ])
                },
                Contender(name: "ours, blocking mirror, pkcs11 with \(module.name)") {
                    try sample(
                        loops.ours("sign", .mirror, reference: reference(subject, module), module: module.path)
                            + own(subject) + ["--milliseconds"])
                },
            ]
        }
        return Comparison(
            title: title, unit: "µs", rounds: latency == "0" ? rounds : 5,
            prepare: { try key.prepare(latencySeconds: latency) }, contenders: [direct] + ours + modules)
    }

    private func own(_ subject: Subject) -> [String] {
        ["--algorithm", subject.algorithm, "--form", "message", "--threads", "1"]
    }

    private func process(
        _ subject: Subject, _ title: String, _ latency: String, _ message: String
    ) -> Comparison {
        let signature = folder.path("piv-signature")
        let programs = loops.programs
        func contender(_ name: String, _ arguments: [String], _ targets: [Target] = []) -> Contender {
            Contender(name: name, targets: targets) {
                unlink(signature)
                let outcome = try loops.launcher.run(arguments, environment: key.environment)
                guard access(signature, R_OK) == 0 else {
                    throw BenchmarkError("\(name) ended well and wrote no signature")
                }
                return Sample(value: outcome.wallMilliseconds, rate: nil, peakMegabytes: outcome.peakMegabytes)
            }
        }
        func ours(_ name: String, _ arguments: [String], _ targets: [Target] = []) -> Contender {
            contender(
                name,
                [programs.ours, "sign"] + arguments + [
                    "--alg", subject.algorithm, "--in", message, "--out", signature, "--pin-env",
                    SoftHSMToken.pinVariable,
                ], targets)
        }
        let modules = Self.modules.flatMap { module in
            [
                contender(
                    "\(module.name) in C",
                    [
                        programs.rawPKCS11, "sign", module.path, module.token, "id:\(subject.id)", subject.kind,
                        message, signature,
                    ]),
                ours(
                    "ziti-keystore, pkcs11 with \(module.name)", [reference(subject, module), "--module", module.path]),
            ]
        }
        let direct = ours(
            "ziti-keystore, piv", [reference(subject)],
            Self.modules.map { Target(limit: .times(1), peer: "ziti-keystore, pkcs11 with \($0.name)") })
        return Comparison(
            title: title, unit: "ms", rounds: rounds, prepare: { try key.prepare(latencySeconds: latency) },
            contenders: [
                contender(
                    Self.baseline,
                    [programs.rawPIV, "sign", "Yubico", subject.slot, subject.kind, message, signature]),
                direct,
            ] + modules)
    }

    private func reference(_ subject: Subject) -> String { "piv:serial=\(YubiKey.serial);slot=\(subject.slot)" }

    private func reference(_ subject: Subject, _ module: Module) -> String {
        "pkcs11:token=\(module.token.replacing(" ", with: "%20").replacing("#", with: "%23"));id=%\(subject.id);type=private"
    }
}
