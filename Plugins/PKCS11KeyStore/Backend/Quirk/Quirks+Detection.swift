extension Quirks {
    /// The quirks of a module by what its library says of itself.
    static func known(of library: Module.Library) -> Quirks {
        library.manufacturer == Array("tpm2-software.github.io".utf8)
            ? [.unsaidUses, .noP521, .unlistedPSS, .noOAEP] : []
    }

    /// The quirks of a module by where it is. One in another process has no path.
    static func known(at path: String?) -> Quirks {
        guard let path else { return .holdSIGPIPE }
        // p11-kit's way to another process, and the module that joins all others.
        let others = ["/p11-kit-client.so", "/p11-kit-proxy.so"]
        return others.contains(where: path.hasSuffix) || path.contains("/libp11-kit.so") ? .holdSIGPIPE : []
    }
}
