/// What the system says of this process's memory.
enum ProcessMemory {
    /// The most that was resident at a time, in kilobytes: VmHWM. Not what `getrusage` says, which a process takes over from the
    /// one that starts it.
    static var peakKilobytes: Int? {
        guard let text = try? InputFile(path: "/proc/self/status").readText(limit: 1 << 16) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { $0.split(separator: "\t").last }.flatMap {
            Int($0.drop { $0 == " " }.prefix { $0 != " " })
        }
    }
}
