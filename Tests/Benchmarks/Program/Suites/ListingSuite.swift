/// Whole processes that list every key of a token, after a login.
struct ListingSuite {
    let programs: Programs
    let launcher: Launcher
    let rounds: Int

    func comparisons(tokens: [SoftHSMToken]) -> [Comparison] {
        tokens.map { token in
            let login = ["--login", "--pin", "env:\(SoftHSMToken.pinVariable)"]
            let ours = [
                programs.ours, "list", "pkcs11:token=\(SoftHSMToken.label)", "--module", token.module, "--pin-env",
                SoftHSMToken.pinVariable,
            ]
            var contenders = [
                contender("raw PKCS#11 in C", token, [programs.rawObjects, "list", token.module, SoftHSMToken.label]),
                contender("ziti-keystore list", token, ours, expecting: token.keys + 1),
                contender("ziti-keystore list --json", token, ours + ["--json"]),
                // Ten times as long.
                contender(
                    "pkcs11-tool -O", token, [programs.pkcs11Tool, "--module", token.module, "-O"] + login,
                    rounds: token.keys < 1000 ? nil : token.keys < 10_000 ? 3 : 1),
            ]
            if token.keys > 1 { contenders[1].targets = [Target(limit: .times(2))] }
            // Its time grows with the square of the number of keys: two minutes for 1,000.
            if token.keys < 1000 {
                contenders.append(
                    contender(
                        "p11tool --list-all", token,
                        [
                            programs.p11tool, "--provider", token.module, "--login", "--list-all",
                            "pkcs11:token=\(SoftHSMToken.label)",
                        ]))
            }
            return Comparison(
                title: "one process, list \(token.size)", unit: "ms",
                rounds: token.keys < 1000 ? rounds * 3 : token.keys < 10_000 ? rounds : min(rounds, 5),
                prepare: token.make, contenders: contenders)
        }
    }

    private func contender(
        _ name: String, _ token: SoftHSMToken, _ arguments: [String], rounds: Int? = nil, expecting lines: Int? = nil
    ) -> Contender {
        Contender(name: name, rounds: rounds) {
            let pin = ["GNUTLS_PIN": token.environment[SoftHSMToken.pinVariable]!]
            let outcome = try launcher.run(arguments, environment: token.environment.merging(pin) { $1 })
            let printed = outcome.output.utf8.count { $0 == UInt8(ascii: "\n") }
            if let lines, printed != lines {
                throw BenchmarkError("\(name) printed \(printed) lines where there are \(lines) keys")
            }
            return Sample(value: outcome.wallMilliseconds, rate: nil, peakMegabytes: outcome.peakMegabytes)
        }
    }
}
