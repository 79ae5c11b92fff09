internal import Foundation
internal import VirtualYubiKey

/// Lines over a Unix socket: whoever may open it may do everything.
enum LineServer {
    /// Makes the socket, and serves each connection on a thread of its own until it is closed.
    static func listen(_ path: String, _ console: SharedConsole) throws {
        unlink(path)
        let descriptor = try UnixSocket.make(path) { bind($0, $1, $2) }
        guard chmod(path, 0o600) == 0, Glibc.listen(descriptor, 8) == 0 else {
            throw ReaderError("the socket \(path) cannot be listened on: errno \(errno)")
        }
        Thread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { continue }
                Thread { serve(connection, console) }.start()
            }
        }.start()
    }

    private static func serve(_ connection: Int32, _ console: SharedConsole) {
        guard let stream = fdopen(connection, "r+") else { return }
        defer { fclose(stream) }
        var buffer = [CChar](repeating: 0, count: 65536)
        while fgets(&buffer, Int32(buffer.count), stream) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            if line == "quit" {
                fputs("ok\n", stream)
                fflush(stream)
                kill(getpid(), SIGTERM)
                return
            }
            fputs(console.answer(line), stream)
            fflush(stream)
        }
    }
}

/// A socket with a path.
enum UnixSocket {
    /// Makes a socket, and does something with it and its address: bind or connect.
    static func make(
        _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { throw ReaderError("the socket's path is too long: \(path)") }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let number = errno
            close(descriptor)
            throw ReaderError("the socket \(path) cannot be used: errno \(number)")
        }
        return descriptor
    }
}
