import Foundation

/// Programs that judge from outside; each runs under `timeout`, so that none can keep a test for ever.
enum Tool {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// The output of `openssl`.
    static func openssl(_ arguments: [String]) async throws -> String {
        try await run(["openssl"] + arguments).output
    }

    /// Runs a program to its end, with a file as its input or none, and returns what it wrote.
    static func run(_ command: [String], input: String? = nil, seconds: Int = 60) async throws -> Result {
        let folder = try Package.makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try ["output", "errors"].map { name in
            let file = folder.appending(path: name)
            try Data().write(to: file)
            return file
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["-k", "2", "\(seconds)"] + command
        process.standardInput = try input.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? .nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Result(
            status: process.terminationStatus, output: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
    }
}
