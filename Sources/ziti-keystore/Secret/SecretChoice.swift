import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// The one source that the command line names for a secret.
enum SecretChoice: Sendable {
    case file(String)
    case descriptor(Int32)
    case environment(String)

    /// The source given by three options, of which one at most may stand there. Throws a usage error for two of them, and for
    /// what is no file, descriptor or variable.
    init?(option: String, source: String?, descriptor: Int32?, variable: String?) throws {
        let given = [source.map { _ in "source" }, descriptor.map { _ in "fd" }, variable.map { _ in "env" }]
            .compactMap(\.self)
        guard given.count <= 1 else {
            throw ValidationError(
                "'--\(option)-\(given[0])' and '--\(option)-\(given[1])' name two sources for one secret.")
        }
        if let source {
            self = .file(try Self.path(source, option: option))
        } else if let descriptor {
            guard descriptor >= 0 else {
                throw ValidationError("'--\(option)-fd' takes the number of an open descriptor.")
            }
            self = .descriptor(descriptor)
        } else if let variable {
            guard !variable.isEmpty, !variable.contains("=") else {
                throw ValidationError("'--\(option)-env' takes the name of an environment variable.")
            }
            self = .environment(variable)
        } else {
            return nil
        }
    }

    /// The source. One that can be read only once is remembered.
    var source: PINSource {
        switch self {
        case .file(let path): .file(path)
        case .descriptor(let number): .descriptor(number)
        case .environment(let name): .environment(name)
        }
    }

    /// The path of a file, given as such or as a URI (RFC 7512 §2.4 has `pin-source` a URI; RFC 8089 says how files are
    /// named). Commands ('|…') and other schemes are refused.
    private static func path(_ text: String, option: String) throws -> String {
        guard !text.hasPrefix("|") else {
            throw ValidationError("'--\(option)-source' runs no commands ('|…'); it takes a file.")
        }
        guard !text.isEmpty else { throw ValidationError("'--\(option)-source' takes a file.") }
        guard let colon = text.firstIndex(of: ":"), text[..<colon].allSatisfy({ $0.isASCII && $0.isLetter }) else {
            return text
        }
        // Not a key's reference: a file that holds a secret, whatever backends there are.
        guard text[..<colon].lowercased() == "file" else {
            throw ValidationError(
                "'--\(option)-source' reads files only; a relative path with a colon begins with './'.")
        }
        var path = text[text.index(after: colon)...]
        if path.hasPrefix("//") {
            path = path.dropFirst(2)
            let host = path.prefix { $0 != "/" }
            guard host.isEmpty || host.lowercased() == "localhost" else {
                throw ValidationError("'--\(option)-source' reads files of this machine only.")
            }
            path = path.dropFirst(host.count)
        }
        guard let bytes = try? PercentEncoding.decode(path), !bytes.isEmpty, !bytes.contains(0),
            let decoded = String(validating: bytes, as: UTF8.self)
        else { throw ValidationError("'--\(option)-source' is not a valid file URI.") }
        return decoded
    }
}

extension SecretChoice {
    /// Throws a usage error if two secrets are to come from one descriptor, or one from the standard input that something
    /// else is read from too: the first reader leaves nothing for the second.
    static func demandDifferentDescriptors(
        _ choices: [(option: String, choice: SecretChoice?)], input: String? = nil, inputOption: String = "in"
    ) throws {
        var taken: [Int32: String] = input == "-" ? [0: "'--\(inputOption) -'"] : [:]
        for case (let option, .descriptor(let number)?) in choices {
            if let other = taken[number] {
                throw ValidationError("'--\(option)-fd \(number)' and \(other) read the same descriptor.")
            }
            taken[number] = "'--\(option)-fd \(number)'"
        }
    }
}
