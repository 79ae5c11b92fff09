import CLibCrypto
import KeyStoreCore

/// One block of a PEM text (RFC 7468), decoded from Base64 and not further. Wiped at the end.
struct PEMBlock: ~Copyable {
    /// The longest text that is read, in bytes. The largest keys and longest chains need a twentieth.
    static let maximumTextLength = 1 << 20

    /// What stands between BEGIN and the dashes: "EC PRIVATE KEY".
    let name: String
    /// The lines before the Base64, as the traditional encrypted form has them (RFC 1421 §4.6); ends with a NUL byte.
    let header: UnsafeMutablePointer<CChar>
    private let data: UnsafeMutablePointer<UInt8>
    private let capacity: Int

    /// Reads the next block; nil at the end of the text. Text between blocks is skipped. Throws `invalidData` for a block
    /// that is cut short or is no Base64.
    init?(from bio: borrowing MemoryBIO) throws(KeyStoreError) {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var length = 0
        // With this flag OpenSSL wipes its working copies too.
        guard PEM_read_bio_ex(bio.pointer, &name, &header, &data, &length, UInt32(PEM_FLAG_SECURE)) == 1,
            let name, let header, let data
        else {
            if ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE { return nil }
            throw ErrorQueue.failure(.invalidData, "a PEM block is cut short or malformed", in: "PEM_read_bio_ex")
        }
        self.name = String(cString: name)
        self.header = header
        self.data = data
        capacity = length
        CRYPTO_secure_free(name, #file, #line)
    }

    deinit {
        CRYPTO_secure_free(header, #file, #line)
        CRYPTO_secure_clear_free(data, capacity, #file, #line)
    }

    /// The contents.
    var bytes: UnsafeMutableBufferPointer<UInt8> { UnsafeMutableBufferPointer(start: data, count: capacity) }

    /// Whether the block holds a private key in one of the forms that OpenSSL reads.
    var holdsPrivateKey: Bool { name == "PRIVATE KEY" || name.hasSuffix(" PRIVATE KEY") }

    /// Whether a passphrase is needed to read it: RFC 5958 §3, or the traditional form's header line.
    var isEncrypted: Bool { name == PEM_STRING_PKCS8 || header.pointee != 0 }

    /// Calls `body` with each block of a text until it answers false. Throws `invalidData` for a text that is too long.
    static func forEach(
        in text: UnsafeRawBufferPointer, _ body: (borrowing PEMBlock) throws(KeyStoreError) -> Bool
    ) throws(KeyStoreError) {
        guard text.count <= maximumTextLength else {
            throw KeyStoreError(.invalidData, "the PEM text is longer than \(maximumTextLength) bytes")
        }
        // OpenSSL makes no stream over no memory.
        guard !text.isEmpty else { return }
        let bio = try MemoryBIO(reading: text)
        while let block = try PEMBlock(from: bio) {
            guard try body(block) else { return }
        }
    }
}
