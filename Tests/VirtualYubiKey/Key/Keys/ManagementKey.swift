import CLibCrypto

/// The management key: a cipher for one block at a time, and what setting it said.
struct ManagementKey: Codable, Equatable {
    var algorithm: ManagementAlgorithm
    var bytes: [UInt8]
    var touchPolicy = TouchPolicy.never

    /// The key from the factory: 3DES before firmware 5.7, AES-192 since, the same bytes.
    static func factoryDefault(_ firmware: FirmwareVersion) -> ManagementKey {
        let bytes = Array(repeating: Array(1...8), count: 3).flatMap { $0 }.map { UInt8($0) }
        return ManagementKey(
            algorithm: firmware < FirmwareVersion(5, 7, 0) ? .tripleDES : .aes192, bytes: bytes)
    }

    /// One block, encrypted.
    func encrypt(_ block: [UInt8]) throws(StatusWord) -> [UInt8] { try transform(block, encrypts: true) }

    /// One block, decrypted: what a client does with the witness.
    func decrypt(_ block: [UInt8]) throws(StatusWord) -> [UInt8] { try transform(block, encrypts: false) }

    private func transform(_ block: [UInt8], encrypts: Bool) throws(StatusWord) -> [UInt8] {
        guard block.count == algorithm.blockLength else { throw .wrongData }
        let cipher =
            switch algorithm {
            case .tripleDES: EVP_des_ede3_ecb()
            case .aes128: EVP_aes_128_ecb()
            case .aes192: EVP_aes_192_ecb()
            case .aes256: EVP_aes_256_ecb()
            }
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: 32)
        var length: Int32 = 0
        guard EVP_CipherInit_ex(context, cipher, nil, bytes, nil, encrypts ? 1 : 0) == 1,
            EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            EVP_CipherUpdate(context, &output, &length, block, Int32(block.count)) == 1
        else { throw .failure }
        return Array(output.prefix(block.count))
    }
}
