import Glibc
import KeyStoreCore

/// Reads a file named on the command line; `-` is the standard input.
struct InputFile {
    let path: String

    /// The whole contents. Throws `badData` for a file that cannot be read, or holds more than `limit` bytes.
    func read(limit: Int) throws -> [UInt8] {
        var contents: [UInt8] = []
        try forEachBlock { block in
            contents += block
            guard contents.count <= limit else { throw tooLong(limit) }
        }
        return contents
    }

    /// The whole contents as text. Throws `badData` for what is not UTF-8 too.
    func readText(limit: Int) throws -> String {
        guard let text = String(validating: try read(limit: limit), as: UTF8.self) else {
            throw CommandFailure.badData("\(name) is not text in UTF-8", subject: path)
        }
        return text
    }

    /// The whole contents in memory that is wiped, with a warning where others can read the file. Throws `badData`.
    func readSecret(_ report: Report, _ what: String = "a private key") throws -> PIN {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.secretLimit + 1, alignment: 16)
        var count = 0
        defer {
            PIN.wipe(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            buffer.deallocate()
        }
        try withDescriptor { descriptor in
            var status = stat()
            if path != "-", fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_mode & 0o077 != 0
            {
                report.warning("\(path) holds \(what) and can be read by others (chmod 600 \(path)).")
            }
            while count < buffer.count {
                let got = try readBlock(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                if got == 0 { break }
                count += got
            }
        }
        guard count <= Self.secretLimit else { throw tooLong(Self.secretLimit) }
        return try PIN(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// Calls `body` with one part of the contents after the other.
    func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)
        defer { buffer.deallocate() }
        try withDescriptor { descriptor in
            while true {
                let got = try readBlock(descriptor, buffer)
                if got == 0 { return }
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            }
        }
    }

    /// The longest private key that is read: RSA with 16384 bits needs some 13 kB.
    private static let secretLimit = 65536

    /// The file in a sentence.
    var name: String { path == "-" ? "the standard input" : path }

    private func tooLong(_ limit: Int) -> CommandFailure {
        .badData("\(name) is longer than \(limit) bytes", subject: path)
    }

    private func withDescriptor(_ body: (Int32) throws -> Void) throws {
        if path == "-" { return try body(STDIN_FILENO) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", errno) }
        defer { close(descriptor) }
        try body(descriptor)
    }

    private func readBlock(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw failure("read", errno) }
        }
    }

    private func failure(_ function: String, _ number: Int32) -> CommandFailure {
        .file(
            .badData, "\(name) cannot be read: \(String(cString: strerror(number)))", path: path, function: function,
            errno: number)
    }
}
