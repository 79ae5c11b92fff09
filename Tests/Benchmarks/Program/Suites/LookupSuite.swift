/// Finding one key by its reference, the session open and logged in, beside one search of the module's.
struct LookupSuite {
    let loops: LoopLauncher
    let rounds: Int

    func comparisons(tokens: [SoftHSMToken]) -> [Comparison] {
        tokens.map { token in
            let isLarge = token.keys >= 1000
            // A search among many keys takes long: enough time for three of them after the one that warms up.
            let milliseconds = max(loops.milliseconds, token.keys / 8)
            func contender(_ name: String, _ arguments: [String], _ targets: [Target] = []) -> Contender {
                Contender(name: name, targets: targets) {
                    let sample = try loops.sample(
                        arguments, environment: token.environment, milliseconds: milliseconds)
                    return Sample(
                        value: isLarge ? sample.value / 1000 : sample.value, rate: nil,
                        peakMegabytes: sample.peakMegabytes)
                }
            }
            let raw = ["find", token.module, SoftHSMToken.label, "ec"]
            func ours(_ way: Way, _ reference: String, _ more: [String] = []) -> [String] {
                loops.ours("find", way, reference: reference, module: token.module) + more + ["--milliseconds"]
            }
            let byID = "pkcs11:token=\(SoftHSMToken.label);id=%01;type=private"
            // Among few keys, reading what was found is the larger part, which the search in C leaves out.
            let once = isLarge ? [Target(limit: .times(1.1))] : []
            return Comparison(
                title: "find one of \(token.size)", unit: isLarge ? "ms" : "µs",
                rounds: token.keys < 10_000 ? rounds : min(rounds, 5),
                prepare: token.make,
                contenders: [
                    contender("one C_FindObjects in C", [loops.programs.rawObjects] + raw),
                    contender("ours, by label", ours(.mirror, token.reference("ec")), once),
                    contender("ours, by id", ours(.mirror, byID), once),
                    contender("ours, by label, async in a scope", ours(.scope, token.reference("ec")), once),
                    contender("ours, and its public key", ours(.mirror, token.reference("ec"), ["--public-key"]), once),
                    contender("python-pkcs11", [loops.programs.peerPython, loops.programs.pythonPKCS11] + raw),
                ])
        }
    }
}
