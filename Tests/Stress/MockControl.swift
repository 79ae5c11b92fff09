import Glibc
import KeyStoreLoader

/// Commands the mock module in this process. The language is in Tests/MockPKCS11/README.md.
struct MockControl: Sendable {
    let path: String
    // Libraries are never unloaded.
    private let script: @convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?
    private let value: @convention(c) (UnsafePointer<CChar>?) -> CUnsignedLong
    private let violations: @convention(c) (UnsafeMutablePointer<CChar>?, Int) -> Int

    /// Loads the library, which is where the backend loads it from too.
    init(_ path: String) throws(StressFailure) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw StressFailure(String(cString: dlerror()))
        }
        func symbol<Function>(_ name: String) throws(StressFailure) -> Function {
            guard let found = dlsym(handle, name) else { throw StressFailure("\(path) lacks \(name)") }
            return unsafeBitCast(found, to: Function.self)
        }
        self.path = path
        script = try symbol("mock_pkcs11_script")
        value = try symbol("mock_pkcs11_value")
        violations = try symbol("mock_pkcs11_violations")
    }

    /// A new token with four P-256 keys, and then what the script says.
    func prepare(_ script: String = "") throws(StressFailure) {
        // Each with numbers of its own, so that no signature passes for another key's.
        let keys = (1...4).map { "key P-256 label=key-\($0) id=0\($0) seed=\($0)" }.joined(separator: "\n")
        try run("reset\nremove any\n\(keys)\n\(script)")
    }

    func run(_ lines: String) throws(StressFailure) {
        if let complaint = script(lines) { throw StressFailure("the mock says: \(String(cString: complaint))") }
    }

    /// Throws unless every call was one that a module may expect, and no PIN was sent that was wrong.
    func demandProperUse() throws(StressFailure) {
        var buffer = [CChar](repeating: 0, count: 2000)
        let length = violations(&buffer, buffer.count)
        let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        try StressFailure.demand(length == 0, "the mock complains: \(String(decoding: text, as: UTF8.self))")
        try StressFailure.demand(value("wrong-pins") == 0, "a wrong PIN was sent")
    }
}
