public import ChildProcess
import Glibc

/// The namespaces that each module is brought up in.
public enum Namespaces {
    /// Mounts, network, System V memory and process ids of its own. When its first process ends, the kernel ends the others; when
    /// `unshare` is killed, it takes the first one along.
    private static let arguments = ["--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]

    /// The same as a person would write it.
    static let command = "unshare \(arguments.joined(separator: " ")) module-matrix …"

    /// A program of the build folder, to be run in new namespaces. Throws where this process is not root's: in a user's own
    /// namespaces root's files belong to nobody, so that no library in them is trusted.
    public static func program(_ name: String, _ arguments: [String]) throws -> Program {
        guard geteuid() == 0 else {
            throw BringupError("modules are brought up behind mounts that nobody else sees, which root alone can make")
        }
        return try Program.system("unshare", Self.arguments + ["--", "\(BuildFolder.path)/\(name)"] + arguments)
    }
}
