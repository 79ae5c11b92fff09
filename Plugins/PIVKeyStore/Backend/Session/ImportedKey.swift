import KeyStoreCore
import LibCrypto

/// A private key in the form in which the applet takes it.
enum ImportedKey {
    /// The data of the command: the numbers, then the policies.
    static func parameters(
        of key: PrivateKey, _ algorithm: Algorithm, _ options: NewKeyOptions
    ) throws(KeyStoreError) -> PIN {
        var parts: [(tag: UInt16, number: SecretBytes, length: Int)] = []
        switch try key.components() {
        case .rsa(let rsa):
            guard rsa.publicExponent == [1, 0, 1], let length = algorithm.modulusLength else {
                throw KeyStoreError(
                    .unsupportedMechanism, "cards take RSA keys with the public exponent 65537 only")
            }
            let half = length / 2
            parts = [
                (1, rsa.prime1, half), (2, rsa.prime2, half), (3, rsa.exponent1, half), (4, rsa.exponent2, half),
                (5, rsa.coefficient, half),
            ]
        case .ec(let ec): parts = [(6, ec.scalar, ec.scalar.count)]
        case .ed25519(let ed25519): parts = [(7, ed25519.seed, ed25519.seed.count)]
        case .x25519(let x25519): parts = [(8, x25519.scalar, x25519.scalar.count)]
        }
        guard parts.allSatisfy({ $0.number.count <= $0.length }) else {
            throw KeyStoreError(.unsupportedMechanism, "cards take RSA keys with two primes of the same length only")
        }
        let policies = Applet.policies(options.pinPolicy, options.touchPolicy)
        let count = parts.reduce(policies.count) { $0 + TLV.header($1.tag, count: $1.length).count + $1.length }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        var next = 0
        func put(_ bytes: some Collection<UInt8>) {
            UnsafeMutableRawBufferPointer(rebasing: buffer[next..<(next + bytes.count)]).copyBytes(from: bytes)
            next += bytes.count
        }
        for part in parts {
            put(TLV.header(part.tag, count: part.length))
            // Zeros in front of a shorter number.
            next += part.length - part.number.count
            part.number.withBytes { put($0) }
        }
        put(policies)
        return try PIN(UnsafeRawBufferPointer(buffer))
    }
}
