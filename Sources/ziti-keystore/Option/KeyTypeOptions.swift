import ArgumentParser
import KeyStoreCore

/// Which kind of key is to be made, in the words of JOSE (RFC 7518 §6, RFC 8037 §2).
struct KeyTypeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The key's kind: EC, RSA or OKP.", valueName: "kind"))
    var kty: String?

    @Option(
        help: ArgumentHelp(
            "The curve: P-256 (unless said otherwise), P-384, P-521, Ed25519 or X25519.", valueName: "curve"))
    var crv: String?

    @Option(
        help: ArgumentHelp("The bits of an RSA key: 2048, 3072 (unless said otherwise) or 4096.", valueName: "bits"))
    var size: Int?

    /// Whether anything was said.
    var isGiven: Bool { kty != nil || crv != nil || size != nil }

    func validate() throws { _ = try type }

    /// The type; EC P-256 where nothing was said. Throws a usage error for what does not fit together.
    var type: KeyType {
        get throws {
            switch (try kind, crv, size) {
            case ("EC", nil, nil), ("EC", "P-256", nil): return .ecP256
            case ("EC", "P-384", nil): return .ecP384
            case ("EC", "P-521", nil): return .ecP521
            case ("OKP", nil, nil), ("OKP", "Ed25519", nil): return .ed25519
            case ("OKP", "X25519", nil): return .x25519
            case ("RSA", nil, nil): return .rsa(bits: 3072)
            case ("RSA", nil, let bits?) where [2048, 3072, 4096].contains(bits): return .rsa(bits: bits)
            case ("RSA", nil, _): throw ValidationError("'--size' is 2048, 3072 or 4096.")
            case ("RSA", _?, _): throw ValidationError("An RSA key has no curve: '--crv' does not go with '--kty RSA'.")
            case (_, _, _?): throw ValidationError("'--size' goes with '--kty RSA' only.")
            case ("EC", let curve?, nil):
                throw ValidationError("'\(curve)' is not a curve of '--kty EC': it is P-256, P-384 or P-521.")
            case (_, let curve, nil):
                throw ValidationError("'\(curve ?? "")' is not a curve of '--kty OKP': it is Ed25519 or X25519.")
            }
        }
    }

    private var kind: String {
        get throws {
            if let kty {
                guard ["EC", "RSA", "OKP"].contains(kty) else { throw ValidationError("'--kty' is EC, RSA or OKP.") }
                return kty
            }
            if size != nil { return "RSA" }
            return ["Ed25519", "X25519"].contains(crv) ? "OKP" : "EC"
        }
    }
}
