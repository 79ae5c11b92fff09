/// The numbers that a private key consists of, for storing it where PEM is not understood. Secret ones are wiped when the
/// last holder lets go of them. All numbers are unsigned and, but for X25519, big-endian.
public enum KeyComponents {
    /// An RSA key with two primes (RFC 8017 §3.2), numbers in their shortest form.
    case rsa(RSA)
    /// A key on an elliptic curve.
    case ec(EC)
    /// An Ed25519 key (RFC 8032 §5.1.5).
    case ed25519(Ed25519)
    /// An X25519 key (RFC 7748 §5).
    case x25519(X25519)

    /// The numbers of an RSA key.
    public struct RSA {
        /// The modulus, n.
        public let modulus: [UInt8]
        /// The public exponent, e.
        public let publicExponent: [UInt8]
        /// The private exponent, d.
        public let privateExponent: SecretBytes
        /// The first prime, p.
        public let prime1: SecretBytes
        /// The second prime, q.
        public let prime2: SecretBytes
        /// d mod (p − 1).
        public let exponent1: SecretBytes
        /// d mod (q − 1).
        public let exponent2: SecretBytes
        /// The inverse of q modulo p.
        public let coefficient: SecretBytes
    }

    /// The numbers of a key on an elliptic curve.
    public struct EC {
        /// The curve's object identifier in DER, tag and length included: PKCS#11's CKA_EC_PARAMS.
        public let curve: [UInt8]
        /// The private number, padded to the length of the curve's order: 32, 48 or 66 bytes.
        public let scalar: SecretBytes
        /// The public point, uncompressed: 04, x, y. PKCS#11's CKA_EC_POINT wraps it in an OCTET STRING.
        public let point: [UInt8]
    }

    /// The parts of an X25519 key.
    public struct X25519 {
        /// The private number as it is stored: 32 bytes, little-endian, whose fixed bits are set when it is used.
        public let scalar: SecretBytes
        /// The public key, 32 bytes.
        public let publicKey: [UInt8]
    }

    /// The parts of an Ed25519 key.
    public struct Ed25519 {
        /// The seed, 32 bytes.
        public let seed: SecretBytes
        /// The public key, 32 bytes.
        public let publicKey: [UInt8]
    }
}
