/// A thousand signatures from several tasks at once, beside raw sessions, one for each processor that they can keep busy.
struct TaskSuite {
    private static let calls = 1000

    let loops: LoopLauncher
    let rounds: Int

    func comparisons(token: SoftHSMToken) -> [Comparison] {
        [1, 2, 8, 64].map { tasks in
            let sessions = min(tasks, 2)
            let raw = Contender(name: "raw PKCS#11 in C, \(sessions.counted("session"))") {
                try loops.sample(
                    [
                        loops.programs.rawPKCS11, "loop", token.module, SoftHSMToken.label, "ec", "ecdsa", "message",
                        String(sessions),
                    ], byRate: true, environment: token.environment)
            }
            let ours = [Way.scope, .single, .shared].map { way in
                Contender(
                    name: way.title,
                    targets: way != .scope
                        ? [] : [Target(limit: tasks == 1 ? .over(part: 0.05, units: 3) : .rate(0.95))]
                ) {
                    try loops.sample(
                        complete: loops.ours("sign", way, reference: token.reference("ec"), module: token.module) + [
                            "--algorithm", "ES256", "--form", "message", "--threads", String(tasks), "--calls",
                            String(Self.calls),
                        ], byRate: true, environment: token.environment)
                }
            }
            return Comparison(
                title: "\(Self.calls.grouped) signatures from \(tasks.counted("task")), µs each", unit: "µs",
                rounds: rounds, prepare: token.make, contenders: [raw] + ours)
        }
    }
}
