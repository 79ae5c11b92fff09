internal import ArgumentParser
internal import AsyncHTTPClient
internal import FoundationEssentials
internal import KeyStoreCore
internal import KeyStoreLoader
internal import NIOCore
internal import ZitiEnrollment
internal import ZitiHTTP

/// `handshake`: connections with an identity file, each with one request, in a process of its own as the C peer is.
struct HandshakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handshake", abstract: "Open connections in loops with an identity file and print medians.",
        shouldDisplay: false)

    @Option var identity: String
    @Option var module: String?
    @Option var port: Int
    @Option var tasks: Int
    @Option var sessions: Int?
    @Option var milliseconds: Int

    func run() async throws {
        let file = try IdentityFile(path: identity)
        let uri = try file.keyReference()
        let pin = ProcessInfo.processInfo.environment[SoftHSMToken.pinVariable]
        let module = module
        let source = KeySource(uri: uri, pin: try pin.map { .value(try PIN($0)) } ?? .none) {
            () throws(KeyStoreError) in try await BackendLoader().open(OpenRequest(uri: uri, module: module))
        }
        let client = try await ZitiIdentity.open(file, key: source, options: .init(maximumSessions: sessions))
        let plan = MeasuringPlan(loops: tasks, limit: .milliseconds(milliseconds))
        let url = "https://localhost:\(port)/"
        let samples = try await client.withHTTPClient { http in
            try await withThrowingTaskGroup(of: [UInt32].self) { group in
                for _ in 0..<tasks {
                    group.addTask {
                        var stopwatch = Stopwatch(plan)
                        while stopwatch.begins() {
                            var request = HTTPClientRequest(url: url)
                            request.headers = ["Connection": "close"]
                            let response = try await http.execute(request, timeout: .seconds(60))
                            _ = try await response.body.collect(upTo: 4096)
                            stopwatch.ends()
                        }
                        return stopwatch.samples
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        await client.close()
        try WorkOptions.printFigures(samples, seconds: plan.seconds)
    }
}
