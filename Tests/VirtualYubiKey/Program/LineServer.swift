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
