import CP11Kit
import ChildProcess
import Foundation
import Glibc
import TemporaryFiles

/// A copy of the mock module with a state of its own, commanded from here. The language is in Tests/MockPKCS11/README.md.
final class MockModule: Sendable {
    /// A line of script that the module did not take.
    struct ScriptError: Error, CustomStringConvertible {
        let description: String
    }

    private struct Functions: @unchecked Sendable {
        // Libraries are never unloaded.
        let script: @convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?
        let value: @convention(c) (UnsafePointer<CChar>?) -> CUnsignedLong
        let wait: @convention(c) (UnsafePointer<CChar>?, CUnsignedLong, CUnsignedLong) -> CInt
        let log: @convention(c) (UnsafeMutablePointer<CChar>?, Int) -> Int
        let violations: @convention(c) (UnsafeMutablePointer<CChar>?, Int) -> Int
    }

    let path: String
    private let folder = TemporaryFolder()
    private let functions: Functions

    /// Copies the library and runs the script. Two copies are two modules.
    init(_ script: String = "") throws {
        path = folder.path("libMockPKCS11.so")
        try FileManager.default.copyItem(atPath: "\(BuildFolder.path)/libMockPKCS11.so", toPath: path)
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw ScriptError(description: String(cString: dlerror()))
        }
        func symbol<Function>(_ name: String, _: Function.Type) throws -> Function {
            guard let found = dlsym(handle, name) else { throw ScriptError(description: "\(name) is missing") }
            return unsafeBitCast(found, to: Function.self)
        }
        functions = Functions(
            script: try symbol(
                "mock_pkcs11_script", (@convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?).self),
            value: try symbol("mock_pkcs11_value", (@convention(c) (UnsafePointer<CChar>?) -> CUnsignedLong).self),
            wait: try symbol(
                "mock_pkcs11_wait",
                (@convention(c) (UnsafePointer<CChar>?, CUnsignedLong, CUnsignedLong) -> CInt).self),
            log: try symbol("mock_pkcs11_log", (@convention(c) (UnsafeMutablePointer<CChar>?, Int) -> Int).self),
            violations: try symbol(
                "mock_pkcs11_violations", (@convention(c) (UnsafeMutablePointer<CChar>?, Int) -> Int).self))
        try run(script)
    }

    /// Runs lines of script.
    func run(_ lines: String) throws {
        if let trouble = functions.script(lines) { throw ScriptError(description: String(cString: trouble)) }
    }

    /// How often a function was called since the last `reset`, or another value that the module knows.
    func value(_ name: String) -> Int { Int(bitPattern: UInt(functions.value(name))) }

    /// Whether a value comes to be at least this within a time that is long enough for anything.
    func wait(_ name: String, atLeast least: Int = 1) -> Bool { functions.wait(name, CUnsignedLong(least), 20000) != 0 }

    /// The last calls, each as `FUNCTION RESULT REMARK`.
    var log: [String] { Self.lines(functions.log) }

    /// How many of the last calls of a function were successful.
    func successes(_ function: String) -> Int { log.count { $0.hasPrefix("\(function) CKR_OK") } }

    /// What was done that no caller may do.
    var violations: [String] { Self.lines(functions.violations) }

    private static func lines(_ copy: @convention(c) (UnsafeMutablePointer<CChar>?, Int) -> Int) -> [String] {
        var buffer = [CChar](repeating: 0, count: 1 << 17)
        let count = copy(&buffer, buffer.count)
        let text = String(decoding: buffer.prefix(min(count, buffer.count - 1)).map(UInt8.init), as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    /// A reference to this module's token, or to an object on it.
    func uri(_ attributes: String = "") -> String { "pkcs11:\(attributes)?module-path=\(path)" }

    /// The module's functions, for calling it without the backend.
    func functionList() throws -> UnsafeMutablePointer<CK_FUNCTION_LIST> {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL), let found = dlsym(handle, "C_GetFunctionList") else {
            throw ScriptError(description: "C_GetFunctionList is missing")
        }
        typealias GetFunctionList =
            @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> CK_RV
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        let result = unsafeBitCast(found, to: GetFunctionList.self)(&list)
        guard result == CKR_OK, let list else { throw ScriptError(description: "C_GetFunctionList returned \(result)") }
        return list
    }
}
