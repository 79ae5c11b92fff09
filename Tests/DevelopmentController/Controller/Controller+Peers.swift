extension Controller {
    /// The URLs that `/controllers` tells of: this controller's, its peers', and those the configuration named.
    public var clusterURLs: [String] {
        get throws { try cluster.members().map(\.url) }
    }

    /// The further controllers that a folder names.
    public static func peers(inFolder path: String) throws -> [String] {
        try Folder(path).read([String].self, Cluster.file) ?? []
    }

    /// Names further controllers in a folder, in the place of those it named; its controller may be running or not.
    ///
    /// Throws a `ControllerError` for what is not a URL `https://HOST:PORT`.
    public static func setPeers(_ urls: [String], inFolder path: String) throws {
        for url in urls { try checkPeer(url) }
        try Folder(path).write(urls, Cluster.file)
    }

    static func checkPeer(_ url: String) throws {
        let host = url.dropFirst(8)
        guard url.hasPrefix("https://"), !host.isEmpty, !host.contains("/"), !host.contains(" ") else {
            throw ControllerError("\(url) is not the URL of a controller, which is https://HOST:PORT")
        }
    }
}
