import Glibc

/// Reads small files.
enum BoundedFile {
    /// The file's bytes, or nil for what cannot be read, is no regular file, or is longer than that.
    static func read(_ path: String, maximumLength: Int) -> [UInt8]? {
        // Not blocking, so that a pipe in a configuration folder does not stop the program.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumLength
        else {
            return nil
        }
        return contents(of: descriptor, maximumLength: maximumLength)
    }

    private static func contents(of descriptor: Int32, maximumLength: Int) -> [UInt8]? {
        var isComplete = false
        let bytes = [UInt8](unsafeUninitializedCapacity: maximumLength + 1) { buffer, count in
            while count <= maximumLength {
                let length = Glibc.read(descriptor, buffer.baseAddress! + count, maximumLength + 1 - count)
                if length < 0 && errno == EINTR { continue }
                isComplete = length == 0
                if length <= 0 { break }
                count += length
            }
        }
        return isComplete ? bytes : nil
    }
}
