internal import FoundationEssentials
internal import Glibc

/// Where the programs stand that are run.
struct Programs {
    /// This program, which works as a contender of its own.
    let benchmarks: String
    let ours: String
    let controller: String
    /// The virtual YubiKey, for the paths to it.
    let virtualYubiKey: String
    let rawPIV: String
    let rawPKCS11: String
    let rawObjects: String
    let rawEVP: String
    let makeKeys: String
    let gnutls: String
    let engine: String
    let handshakeServer: String
    let handshakeLoop: String
    /// The scripts that sign and search in loops, beside the programs in C.
    let pythonPKCS11: String
    let pyKCS11: String
    let pkcs11Tool: String
    let p11tool: String
    let openssl: String
    /// The Python that has the OpenZiti C SDK.
    let python: String
    /// The Python that has the PKCS#11 packages.
    let peerPython: String
    let sdk: String
    let module: String

    init(peers: String, scripts: String, python: String, peerPython: String, sdk: String, module: String) throws {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw BenchmarkError("the benchmark cannot find its own program in /proc/self/exe")
        }
        let folder = URL(filePath: program).deletingLastPathComponent().path()
        benchmarks = program
        ours = "\(folder)/ziti-keystore"
        controller = "\(folder)/development-controller"
        virtualYubiKey = "\(folder)/virtual-yubikey"
        rawPIV = "\(peers)/raw-piv"
        rawPKCS11 = "\(peers)/raw-pkcs11"
        rawObjects = "\(peers)/raw-objects"
        rawEVP = "\(peers)/raw-evp"
        makeKeys = "\(peers)/make-keys"
        gnutls = "\(peers)/gnutls-loop"
        engine = "\(peers)/engine-loop"
        handshakeServer = "\(peers)/handshake-server"
        handshakeLoop = "\(peers)/handshake-loop"
        pythonPKCS11 = "\(scripts)/python_pkcs11_loop.py"
        pyKCS11 = "\(scripts)/pykcs11_loop.py"
        pkcs11Tool = "/usr/bin/pkcs11-tool"
        p11tool = "/usr/bin/p11tool"
        openssl = "/usr/bin/openssl"
        self.python = python
        self.peerPython = peerPython
        self.sdk = sdk
        self.module = module
        let own = [
            rawPIV, rawPKCS11, rawObjects, rawEVP, makeKeys, gnutls, engine, handshakeServer, handshakeLoop, peerPython,
        ].map {
            ($0, "Tests/Benchmarks/run")
        }
        for (path, remedy) in own + [
            (ours, "swift build -c release --product ziti-keystore"),
            (controller, "swift build -c release --product development-controller"),
            (virtualYubiKey, "swift build -c release --product virtual-yubikey"),
            (pythonPKCS11, "a complete checkout"), (pyKCS11, "a complete checkout"), (sdk, "a complete checkout"),
            (pkcs11Tool, "apt-get install opensc"), (p11tool, "apt-get install gnutls-bin"),
            (openssl, "apt-get install openssl"), (python, ".ci/setup"), (module, "apt-get install softhsm2"),
        ] {
            guard access(path, R_OK) == 0 else { throw BenchmarkError("\(path) is missing; \(remedy) brings it") }
        }
    }
}
