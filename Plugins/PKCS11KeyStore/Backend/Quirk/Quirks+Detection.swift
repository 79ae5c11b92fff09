extension Quirks {
    /// The quirks of a module by what its library says of itself.
    static func known(of library: Module.Library) -> Quirks {
        let manufacturer = String(decoding: library.manufacturer, as: UTF8.self).lowercased()
        if manufacturer == "tpm2-software.github.io" { return [.unsaidUses, .noP521, .unlistedPSS] }
        if manufacturer == "yubico (www.yubico.com)" { return .unsaidDerivation }
        if ["safenet", "gemalto", "thales"].contains(where: manufacturer.hasPrefix) { return .lunaEdDSA }
        var quirks: Quirks = []
        // IBM's numbers are offered by opencryptoki for its EP11 tokens.
        if manufacturer == "ibm" { quirks.insert(.ep11EdDSA) }
        // opencryptoki, whichever token is behind it.
        if library.description == Array("Meta PKCS11 LIBRARY".utf8) { quirks.insert(.noPKCS1Decryption) }
        return quirks
    }

    /// The quirks of a token by what it says of itself, which it also does through modules that stand before its own.
    static func known(of token: Slot.Token?) -> Quirks {
        token?.model == Array("SoftHSM v2".utf8) ? .oaepSHA1Only : []
    }

    /// The quirks of a module by where it is. One in another process has no path.
    static func known(at path: String?) -> Quirks {
        guard let path else { return .holdSIGPIPE }
        // p11-kit's way to another process, and the module that joins all others.
        let others = ["/p11-kit-client.so", "/p11-kit-proxy.so"]
        return others.contains(where: path.hasSuffix) || path.contains("/libp11-kit.so") ? .holdSIGPIPE : []
    }
}
