public import ChildProcess
import Glibc

/// The namespaces that each module is brought up in.
public enum Namespaces {
    /// Mounts, System V memory and process ids of its own. When its first process ends, the kernel ends the others; when
    /// `unshare` is killed, it takes the first one along. Who is not root becomes it inside.
    static var arguments: [String] {
        ["--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
            + (geteuid() == 0 ? [] : ["--map-root-user"])
    }

    /// The same as a person would write it.
    static var command: String { "unshare \(arguments.joined(separator: " ")) module-matrix …" }

    /// A program of the build folder, to be run in new namespaces.
    public static func program(_ name: String, _ arguments: [String]) throws -> Program {
        try Program.system("unshare", Self.arguments + ["--", "\(BuildFolder.path)/\(name)"] + arguments)
    }
}
