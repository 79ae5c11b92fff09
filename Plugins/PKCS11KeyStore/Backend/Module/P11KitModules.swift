import CP11Kit
import Glibc
import KeyStoreCore
import Synchronization

/// The modules that p11-kit's configuration names, loaded through p11-kit, which shares them with its other users in the
/// process and gives them the arguments that stand in their module files.
enum P11KitModules {
    /// A module as p11-kit hands it out. Lives as long as the process.
    struct Loaded: @unchecked Sendable {
        let list: UnsafeMutablePointer<CK_FUNCTION_LIST>
        let name: String
        let path: String?
    }

    private static let loaded = Mutex<[Loaded]?>(nil)

    /// All of them, loaded once and not yet initialised. The caller has asked whether they may be loaded. Throws
    /// `incompatibleBackend` where p11-kit refuses, `timedOut` where a library does not come back from being loaded.
    static func load(limitMilliseconds: UInt32) throws(KeyStoreError) -> [Loaded] {
        try loaded.withLock { loaded throws(KeyStoreError) in
            if let loaded { return loaded }
            let answer = StandardError.silenced {
                TimeLimit.run(milliseconds: limitMilliseconds, loadAll, late: { _ in })
            }
            switch answer {
            case .success(let modules):
                loaded = modules
                return modules
            case .failure(let error): throw error
            case nil:
                throw KeyStoreError(
                    .timedOut, "loading the PKCS#11 modules that p11-kit configures took too long",
                    operation: "load modules")
            }
        }
    }

    private static let loadAll: @Sendable () -> Result<[Loaded], KeyStoreError> = {
        // Its messages for a person go to the standard error otherwise; the one that matters is fetched below.
        p11_kit_be_quiet()
        guard let lists = p11_kit_modules_load(nil, 0) else {
            let reason = p11_kit_message().map { String(cString: $0) } ?? "no reason given"
            return .failure(
                KeyStoreError(
                    .incompatibleBackend, "p11-kit cannot load the configured PKCS#11 modules: \(reason)",
                    operation: "load modules"))
        }
        var modules: [Loaded] = []
        var next = lists
        while let list = next.pointee {
            let path = take(p11_kit_module_get_filename(list)).flatMap { try? ModuleLibrary.realPath($0) }
            modules.append(Loaded(list: list, name: take(p11_kit_module_get_name(list)) ?? path ?? "?", path: path))
            next += 1
        }
        return .success(modules)
    }

    /// A string that p11-kit allocated for its caller.
    private static func take(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
