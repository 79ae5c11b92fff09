import Crypto
import KeyStoreCore

/// ECDSA signatures in their two forms. Other signatures have one only and pass unchanged.
enum SignatureFormat {
    /// r and s at the curve's full length (RFC 7518 §3.4), from DER. Throws `badData` for what is no ECDSA signature.
    static func jose(_ der: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        do {
            switch algorithm {
            case .ecdsaP256SHA256:
                return Array(try P256.Signing.ECDSASignature(derRepresentation: der).rawRepresentation)
            case .ecdsaP384SHA384:
                return Array(try P384.Signing.ECDSASignature(derRepresentation: der).rawRepresentation)
            case .ecdsaP521SHA512:
                return Array(try P521.Signing.ECDSASignature(derRepresentation: der).rawRepresentation)
            default: return der
            }
        } catch {
            throw CommandFailure.badData("the signature is not a DER value of r and s")
        }
    }

    /// DER, from r and s at full length. Throws `badData` for another length.
    static func der(_ jose: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        do {
            switch algorithm {
            case .ecdsaP256SHA256:
                return Array(try P256.Signing.ECDSASignature(rawRepresentation: jose).derRepresentation)
            case .ecdsaP384SHA384:
                return Array(try P384.Signing.ECDSASignature(rawRepresentation: jose).derRepresentation)
            case .ecdsaP521SHA512:
                return Array(try P521.Signing.ECDSASignature(rawRepresentation: jose).derRepresentation)
            default: return jose
            }
        } catch {
            throw CommandFailure.badData("the signature is not r and s of the curve's length")
        }
    }
}
