import ArgumentParser
import Glibc

/// Where a chart goes.
enum PlotFile {
    /// Throws a usage error for a file that is to hold anything but SVG.
    static func demandSVG(_ path: String) throws {
        guard path.lowercased().hasSuffix(".svg") else {
            throw ValidationError("'--plot' draws SVG only, and takes a file whose name ends in '.svg'.")
        }
    }

    /// Throws where the file could not be made, before a signature is made for it. What happens until it is written is seen
    /// then.
    static func demandNew(_ path: String) throws {
        guard !OutputFile.isTaken(path) else { throw OutputFile.isThere(path) }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard access(folder, W_OK | X_OK) == 0 else {
            let number = errno
            throw CommandFailure.file(
                .cannotWrite, "\(path) cannot be written: \(String(cString: strerror(number)))", path: path,
                function: "access", errno: number)
        }
    }
}
