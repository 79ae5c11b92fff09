/// Connections with a client certificate: TCP, a TLS 1.3 handshake, one request, its answer. Beside a client on OpenSSL, which
/// signs with the same key, through libp11's engine where it is on a token.
struct HandshakeSuite {
    let loops: LoopLauncher
    let rounds: Int
    let server: HandshakeServer

    func comparisons(token: SoftHSMToken, files: SoftwareKeys) -> [Comparison] {
        [1, 8].flatMap { [onToken(token, atOnce: $0), onFile(files, atOnce: $0)] }
    }

    private func onToken(_ token: SoftHSMToken, atOnce: Int) -> Comparison {
        let peer = [
            loops.programs.handshakeLoop, "engine", token.module, SoftHSMToken.label, "ec",
            server.certificate("token"), server.authority,
        ]
        return comparison(
            "SoftHSM2 P-256", peer, "OpenSSL in C, engine of libp11", atOnce, client: "token",
            module: token.module, environment: token.environment
        ) {
            try token.make()
            let key = "\(server.certificate("token")).der"
            _ = try loops.launcher.run(
                [
                    loops.programs.pkcs11Tool, "--module", token.module, "--token-label", SoftHSMToken.label,
                    "--read-object", "--type", "pubkey", "--id", "01", "-o", key,
                ], environment: token.environment)
            try server.prepare(
                client: "token", publicKey: try readable(["-in", key, "-inform", "DER", "-pubin"], of: "token"),
                reference: token.reference("ec"))
        }
    }

    private func onFile(_ files: SoftwareKeys, atOnce: Int) -> Comparison {
        let peer = [
            loops.programs.handshakeLoop, "file", files.p256, server.certificate("file"), server.authority,
        ]
        return comparison(
            "file P-256", peer, "OpenSSL in C", atOnce, client: "file", module: nil, environment: [:]
        ) {
            try server.prepare(
                client: "file", publicKey: try readable(["-in", files.p256], of: "file"),
                reference: "file:\(files.p256)")
        }
    }

    private func readable(_ arguments: [String], of client: String) throws -> String {
        let path = "\(server.certificate(client)).pub"
        _ = try loops.launcher.run([loops.programs.openssl, "pkey", "-pubout", "-out", path] + arguments)
        return path
    }

    private func comparison(
        _ name: String, _ peer: [String], _ peerName: String, _ atOnce: Int, client: String, module: String?,
        environment: [String: String], prepare: @escaping () throws -> Void
    ) -> Comparison {
        func ours(_ sessions: Int?) throws -> Sample {
            try loops.sample(
                [
                    loops.programs.benchmarks, "handshake", "--identity", server.identity(client), "--port",
                    String(server.port), "--tasks", String(atOnce),
                ] + (module.map { ["--module", $0] } ?? []) + (sessions.map { ["--sessions", String($0)] } ?? [])
                    + ["--milliseconds"], byRate: atOnce > 1, environment: environment)
        }
        var contenders = [
            Contender(name: peerName) {
                try loops.sample(
                    peer + [String(server.port), String(atOnce)], byRate: atOnce > 1, environment: environment)
            },
            Contender(name: "ZitiHTTP") { try ours(nil) },
        ]
        if atOnce > 1 { contenders.append(Contender(name: "ZitiHTTP, one session on the token") { try ours(1) }) }
        return Comparison(
            title: "handshake \(name), \(atOnce) at a time\(atOnce == 1 ? "" : ", µs each")", unit: "µs",
            rounds: rounds, prepare: prepare, contenders: contenders)
    }
}
