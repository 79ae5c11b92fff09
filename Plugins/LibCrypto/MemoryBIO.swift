import CLibCrypto
import KeyStoreCore

/// OpenSSL's stream over memory.
struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    /// Reads the bytes, which must stay valid while the stream is used.
    init(reading bytes: UnsafeRawBufferPointer) throws(KeyStoreError) {
        guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
            throw ErrorQueue.failure(in: "BIO_new_mem_buf")
        }
        pointer = bio
    }

    /// Collects what is written, and wipes it at the end.
    init() throws(KeyStoreError) {
        guard let bio = BIO_new(BIO_s_secmem()) else { throw ErrorQueue.failure(in: "BIO_new") }
        pointer = bio
    }

    deinit { BIO_free_all(pointer) }

    /// Lends what was written.
    func withContents<Result>(
        _ body: (UnsafeRawBufferPointer) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        var data: UnsafePointer<CChar>?
        let count = keystore_bio_contents(pointer, &data)
        return try body(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count))
    }
}
