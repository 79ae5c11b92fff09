import CP11Kit
import Glibc
import KeyStoreCore

/// Loads a module's library by its path.
enum ModuleLibrary {
    /// Loads the library and gets its function list. The caller has asked whether it may be loaded. Throws
    /// `incompatibleBackend` with the loader's own words for what is not a library or not a PKCS#11 module.
    static func load(_ path: String) throws(KeyStoreError) -> UnsafeMutablePointer<CK_FUNCTION_LIST> {
        func incompatible(_ reason: String) -> KeyStoreError {
            KeyStoreError(.incompatibleBackend, reason, operation: "load module")
        }
        // Local, because modules bring libraries of their own along; and everything resolved now, so that a module which
        // does not fit fails here and not at its first signature.
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
            throw incompatible("the PKCS#11 module \(path) cannot be loaded: \(reason)")
        }
        guard let symbol = dlsym(library, "C_GetFunctionList") else {
            throw incompatible("\(path) is a library, but no PKCS#11 module: it has no C_GetFunctionList")
        }
        // The symbol is what the standard says it is, or the library is none.
        let getFunctionList = unsafeBitCast(symbol, to: GetFunctionList.self)
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        let result = getFunctionList(&list)
        guard result == CKR_OK, let list else {
            var error = KeyStoreError.pkcs11(result, "C_GetFunctionList", during: "load module")
            error.code = .incompatibleBackend
            error.message = "the PKCS#11 module \(path) gives no function list"
            throw error
        }
        return list
    }

    /// The path with symbolic links resolved. Throws `noSuchBackend` where there is nothing, or what cannot be reached.
    static func realPath(_ path: String) throws(KeyStoreError) -> String {
        guard let resolved = realpath(path, nil) else {
            let number = errno
            let name = number == ENOENT ? "ENOENT" : number == EACCES ? "EACCES" : ""
            throw KeyStoreError(
                .noSuchBackend, "there is no PKCS#11 module at \(path): \(String(cString: strerror(number)))",
                operation: "load module",
                native: NativeError(domain: "errno", function: "realpath", name: name, number: Int64(number)))
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private typealias GetFunctionList =
        @convention(c) (
            UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?
        ) -> CK_RV
}
