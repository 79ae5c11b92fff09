import Glibc

/// Where the build put the running test executable, and beside it the programs and plugins.
public enum BuildFolder {
    /// The folder's absolute path.
    public static let path: String = {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let program = String(decoding: buffer.prefix(max(length, 0)), as: UTF8.self)
        return program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
    }()
}
