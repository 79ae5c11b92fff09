internal import FoundationEssentials
internal import Glibc

/// Where the programs stand that are run.
struct Programs {
    /// This program, which works as a contender of its own.
    let benchmarks: String
    let ours: String
    let controller: String
    let rawPKCS11: String
    let rawEVP: String
    let pkcs11Tool: String
    let openssl: String
    let python: String
    let sdk: String
    let module: String

    init(peers: String, python: String, sdk: String, module: String) throws {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw BenchmarkError("the benchmark cannot find its own program in /proc/self/exe")
        }
        let folder = URL(filePath: program).deletingLastPathComponent().path()
        benchmarks = program
        ours = "\(folder)/ziti-keystore"
        controller = "\(folder)/development-controller"
        rawPKCS11 = "\(peers)/raw-pkcs11"
        rawEVP = "\(peers)/raw-evp"
        pkcs11Tool = "/usr/bin/pkcs11-tool"
        openssl = "/usr/bin/openssl"
        self.python = python
        self.sdk = sdk
        self.module = module
        for (path, remedy) in [
            (ours, "swift build -c release --product ziti-keystore"),
            (controller, "swift build -c release --product development-controller"),
            (rawPKCS11, "Tests/Benchmarks/run"), (rawEVP, "Tests/Benchmarks/run"),
            (pkcs11Tool, "apt-get install opensc"), (openssl, "apt-get install openssl"),
            (python, ".ci/setup"), (sdk, "a complete checkout"), (module, "apt-get install softhsm2"),
        ] {
            guard access(path, R_OK) == 0 else { throw BenchmarkError("\(path) is missing; \(remedy) brings it") }
        }
    }
}
