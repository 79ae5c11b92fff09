internal import ArgumentParser
internal import Foundation

/// `send`: says one line to a key that is served.
struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Say one line to a key that is served, and print the answer.",
        discussion: """
            Fails where the answer is an error. `help` tells which lines there are.

            Example:
              virtual-yubikey send --socket /tmp/keys/control unplug
            """)

    @Option(help: "The socket of `serve`; otherwise the variable VIRTUAL_YUBIKEY_SOCKET says it.")
    var socket: String?

    @Argument(parsing: .allUnrecognized, help: "The words of the line.")
    var words: [String]

    func run() throws {
        guard let path = socket ?? ProcessInfo.processInfo.environment["VIRTUAL_YUBIKEY_SOCKET"] else {
            throw ValidationError("--socket is needed, or the variable VIRTUAL_YUBIKEY_SOCKET")
        }
        let descriptor = try UnixSocket.make(path) { connect($0, $1, $2) }
        let connection = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try connection.write(contentsOf: Data((words.joined(separator: " ") + "\n").utf8))
        shutdown(descriptor, Int32(SHUT_WR))
        let answer = String(decoding: try connection.readToEnd() ?? Data(), as: UTF8.self)
        var lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        let last = lines.popLast()
        for line in lines { print(line) }
        guard last == "ok" else {
            FileHandle.standardError.write(Data("virtual-yubikey: \(last ?? "no answer")\n".utf8))
            throw ExitCode.failure
        }
    }
}
