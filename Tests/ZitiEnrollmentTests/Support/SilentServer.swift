import NIOCore
import NIOPosix

/// Accepts connections on loopback and says nothing.
struct SilentServer {
    let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    static func start() async throws -> SilentServer {
        SilentServer(
            channel: try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0).get())
    }

    func close() async throws { try await channel.close() }
}
