import NIOCore
import NIOPosix

/// Accepts connections on loopback and says nothing.
struct SilentServer {
    private let channel: any Channel

    var url: String { "https://localhost:\(channel.localAddress?.port ?? 0)" }

    init() async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async throws { try await channel.close() }
}
