internal import Foundation

/// The mount and network namespace in which pcscd runs for tests. The folder of its socket is compiled into it, and vpcd
/// listens on every interface of the machine: both must be a test's own.
public enum PCSCNamespace {
    /// The variable that the script sets.
    private static let variable = "KEYSTORE_PCSC_NAMESPACE"
    /// Where pcscd has its socket.
    static let folder = "/run/pcscd"

    /// Throws, saying what to run, where this process is not in such a namespace.
    public static func require() throws {
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let isMounted = mounts.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[4] == folder
        }
        guard ProcessInfo.processInfo.environment[variable] != nil, isMounted else {
            throw ReaderError(
                """
                pcscd and its virtual reader run in a mount and network namespace of their own, which this process is not in; \
                run Tests/VirtualYubiKey/in-namespace COMMAND, as `make test` does
                """)
        }
    }
}
