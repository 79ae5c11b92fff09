extension Quirks {
    /// The quirks of a module by what its library says of itself.
    static func known(of library: Module.Library) -> Quirks {
        library.manufacturer == Array("tpm2-software.github.io".utf8) ? [.unsaidUses, .noP521, .unlistedPSS] : []
    }

    /// The quirks of a module by where it is. One in another process has no path.
    static func known(at path: String?) -> Quirks {
        path == nil || path?.hasSuffix("/p11-kit-client.so") == true ? .ignoreSIGPIPE : []
    }
}
