internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Listens, and equips each connection.
struct ConnectionSetup: Sendable {
    let tls: NIOSSLContext
    let log: RequestLog
    let version: String
    let instanceID: String
    let chains = PresentedChains()

    /// Listens on a port, or, if it is 0, on the preferred one and, if that is taken, on any.
    ///
    /// `makeAPI` is called with the port before the first connection is accepted.
    func listen(
        group: any EventLoopGroup, address: String, port: Int, preferredPort: Int?,
        makeAPI: @escaping @Sendable (Int) -> ClientAPI
    ) async throws -> any Channel {
        if port == 0, let preferredPort,
            let channel = try? await bind(group: group, address: address, port: preferredPort, makeAPI: makeAPI)
        {
            return channel
        }
        return try await bind(group: group, address: address, port: port, makeAPI: makeAPI)
    }

    private func bind(
        group: any EventLoopGroup, address: String, port: Int, makeAPI: @escaping @Sendable (Int) -> ClientAPI
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try equip(channel, makeAPI(channel.localAddress?.port ?? port))
                }
            }
            .bind(host: address, port: port).get()
    }

    private func equip(_ channel: any Channel, _ api: ClientAPI) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 64 * 1024
        limits.maxHeaderFieldCount = 100
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(TLSServer.handler(tls) { chains.remember($0) })
        try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(60)))
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
        try pipeline.addHandler(HTTPServerPipelineHandler())
        try pipeline.addHandler(
            ConnectionHandler(
                api: api, log: log, version: version, instanceID: instanceID, chains: chains))
    }
}
