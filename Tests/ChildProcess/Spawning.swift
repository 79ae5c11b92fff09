import Glibc

/// Collects a child's descriptors and starts it. Everything that is not named is closed in the child.
struct Spawning {
    /// Numbers that no child asks for, so that moving one descriptor never overwrites another.
    private static let aside: Int32 = 64

    // Both are in glibc and visible only with _GNU_SOURCE, which Swift's view of it is made without.
    private static let addCloseFrom = unsafeBitCast(
        dlsym(nil, "posix_spawn_file_actions_addclosefrom_np"),
        to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)
    private static let addChangeDirectory = unsafeBitCast(
        dlsym(nil, "posix_spawn_file_actions_addchdir_np"),
        to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32).self)

    private var childEnds: [(end: Int32, number: Int32)] = []
    private var terminalPath: String?

    /// The end to write to; the child reads it under the number.
    mutating func addReading(as number: Int32) throws -> Int32 {
        let (reading, writing) = try makePipe()
        childEnds.append((reading, number))
        // The pump must go on reading while the child does not.
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        return writing
    }

    /// The end to read from; the child writes to it under the number.
    mutating func addWriting(as number: Int32) throws -> Int32 {
        let (reading, writing) = try makePipe()
        childEnds.append((writing, number))
        return reading
    }

    /// This side of a new terminal, which becomes the child's standard descriptors and controls its session.
    mutating func addTerminal() throws -> Int32 {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { throw ProgramFailure.system("open /dev/ptmx", errno: errno) }
        var number: Int32 = 0
        var locked: Int32 = 0
        // TIOCSPTLCK and TIOCGPTN, which are macros that Swift does not see.
        guard ioctl(terminal, 0x4004_5431, &locked) == 0, ioctl(terminal, 0x8004_5430, &number) == 0 else {
            throw ProgramFailure.system("ioctl on /dev/ptmx", errno: errno)
        }
        _ = fcntl(terminal, F_SETFL, O_NONBLOCK)
        terminalPath = "/dev/pts/\(number)"
        return terminal
    }

    func spawn(_ program: Program, newSession: Bool) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let terminalPath {
            posix_spawn_file_actions_addopen(&actions, 0, terminalPath, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        for (end, number) in childEnds { posix_spawn_file_actions_adddup2(&actions, end, number) }
        let highest = childEnds.map { $0.number }.max() ?? 2
        _ = Self.addCloseFrom(&actions, max(3, highest + 1))
        if let folder = program.workingDirectory { _ = Self.addChangeDirectory(&actions, folder) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        // POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK, POSIX_SPAWN_SETSID: the last is seen with _GNU_SOURCE only.
        posix_spawnattr_setflags(&attributes, 0x04 | 0x08 | (newSession ? 0x80 : 0))

        let arguments = ([program.path] + program.arguments).map { strdup($0) } + [nil]
        let environment = program.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for string in arguments + environment { free(string) } }
        var processID: pid_t = 0
        let status = posix_spawn(&processID, program.path, &actions, &attributes, arguments, environment)
        guard status == 0 else { throw ProgramFailure.system("posix_spawn \(program.path)", errno: status) }
        return processID
    }

    func closeChildEnds() {
        for (end, _) in childEnds { close(end) }
    }

    private func makePipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProgramFailure.system("pipe", errno: errno) }
        let moved = ends.map { end in
            defer { close(end) }
            return fcntl(end, F_DUPFD_CLOEXEC, Self.aside)
        }
        guard moved.allSatisfy({ $0 >= 0 }) else { throw ProgramFailure.system("fcntl", errno: errno) }
        return (moved[0], moved[1])
    }
}
