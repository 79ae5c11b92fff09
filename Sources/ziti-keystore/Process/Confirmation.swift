import Glibc

/// Asks a person before something is lost.
enum Confirmation {
    /// Returns if the answer is yes. Throws `cancelled` for any other answer, and a usage error, naming the option that answers
    /// instead, where nobody can be asked.
    static func ask(_ question: String, unless option: String, mayAsk: Bool) throws {
        let terminal = mayAsk ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1
        guard terminal >= 0 else {
            throw CommandFailure.usage("nobody can be asked here, and \(option) was not given", hint: question)
        }
        defer { close(terminal) }
        let text = Array("\(StandardStream.sanitised(question)) [y/N] ".utf8)
        _ = write(terminal, text, text.count)
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while answer.count < 16, read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { answer.append(byte) }
        guard ["y", "yes"].contains(String(decoding: answer, as: UTF8.self).lowercased()) else {
            throw CommandFailure(
                status: .cancelled, code: "cancelled", message: "the answer was not yes; nothing was done")
        }
    }
}
