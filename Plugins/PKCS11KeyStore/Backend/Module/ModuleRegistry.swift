import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// The modules of this process. Each is loaded once, however many stores name it and by whichever path.
final class ModuleRegistry: Sendable {
    static let shared = ModuleRegistry()

    private let modules = Mutex<[String: Module]>([:])

    /// The modules that a store is to search, initialised; the caller releases each. A named one that fails is an error; one
    /// of several that the system configures is a warning.
    func acquire(
        for request: OpenRequest, _ uri: PKCS11URI, _ quirks: QuirkSwitches, host: any BackendHost
    ) throws(KeyStoreError) -> ModuleSearch {
        // Before anything is loaded or locked: in a forked process another thread of the parent may have held the locks.
        try ForkGuard.demandSameProcess()
        let trace = host.trace.map { CallTrace($0) }
        if let option = request.module {
            return try single(try self.option(option, host: host), request, quirks, trace)
        }
        if let path = uri.modulePath {
            return try single(try library(at: path, origin: .reference, host: host), request, quirks, trace)
        }
        let limit = request.timeoutMilliseconds ?? Self.defaultLimitMilliseconds
        if let name = uri.moduleName {
            return try single(
                try module(named: name, origin: .reference, limitMilliseconds: limit, host: host), request, quirks,
                trace)
        }
        if request.moduleArguments != nil {
            throw KeyStoreError(
                .invalidURI, "module arguments are given, and no module that takes them is named",
                operation: "load module", subject: request.uri.text)
        }
        return try configured(limitMilliseconds: limit, host: host, quirks, trace)
    }

    private func single(
        _ module: Module, _ request: OpenRequest, _ quirks: QuirkSwitches, _ trace: CallTrace?
    ) throws(KeyStoreError) -> ModuleSearch {
        if request.moduleArguments?.utf8.contains(0) == true {
            throw KeyStoreError(
                .invalidData, "the module arguments contain a NUL character", operation: "initialise module")
        }
        Self.prepare(module, quirks)
        do throws(KeyStoreError) {
            try module.acquire(trace, arguments: request.moduleArguments)
        } catch {
            // A call that was given up may still return, and would tell a host that is there no more.
            trace?.end()
            throw error
        }
        return ModuleSearch(modules: [module], failedCount: 0, trace: trace)
    }

    /// What must be so before the module is called for the first time.
    private static func prepare(_ module: Module, _ quirks: QuirkSwitches) {
        if quirks.applied(to: .known(at: module.path)).contains(.holdSIGPIPE) { module.cryptoki.holdBrokenPipes() }
    }

    // MARK: One module

    private func option(_ option: String, host: any BackendHost) throws(KeyStoreError) -> Module {
        if option.contains("/") { return try library(at: option, origin: .option, host: host) }
        guard ModuleName.isValid(option) else {
            throw KeyStoreError(.noSuchBackend, "'\(option)' names no PKCS#11 module", operation: "load module")
        }
        return try module(
            named: ModuleName.withoutAffixes(option), origin: .option,
            limitMilliseconds: Self.defaultLimitMilliseconds, host: host)
    }

    private func library(at path: String, origin: LibraryOrigin, host: any BackendHost) throws(KeyStoreError) -> Module
    {
        let path = try ModuleLibrary.realPath(path)
        // Asked each time, as the next reference may be one that is trusted less.
        try host.allowLibrary(path, origin: origin)
        return try modules.withLock { modules throws(KeyStoreError) in
            if let present = modules[path] { return present }
            let module = try Module(
                try ModuleLibrary.load(path), path: path, name: path,
                isConfigured: ModuleConfiguration.system.contains(path), manager: .own)
            modules[path] = module
            return module
        }
    }

    private func module(
        named name: String, origin: LibraryOrigin, limitMilliseconds: UInt32, host: any BackendHost
    ) throws(KeyStoreError) -> Module {
        let configuration = ModuleConfiguration.system
        if configuration.entries.contains(where: { $0.name == name }) {
            let loaded = try p11KitModules(limitMilliseconds: limitMilliseconds, host: host)
            if let module = loaded.first(where: { $0.name == name }) { return try adopt(module) }
        }
        guard let path = ModuleFolders.find(name) else {
            let known = configuration.entries.map(\.name).joined(separator: ", ")
            throw KeyStoreError(
                .noSuchBackend,
                "there is no PKCS#11 module named '\(name)'; p11-kit knows \(known.isEmpty ? "none" : known), and there is no "
                    + "lib\(name).so or \(name).so in \(ModuleFolders.all.joined(separator: ", "))",
                operation: "load module")
        }
        return try library(at: path, origin: origin, host: host)
    }

    // MARK: The configured modules

    private func configured(
        limitMilliseconds: UInt32, host: any BackendHost, _ quirks: QuirkSwitches, _ trace: CallTrace?
    ) throws(KeyStoreError) -> ModuleSearch {
        var search = ModuleSearch(modules: [], failedCount: 0, trace: trace)
        for loaded in try p11KitModules(limitMilliseconds: limitMilliseconds, host: host) {
            do {
                let module = try adopt(loaded)
                Self.prepare(module, quirks)
                try acquire(module, limitMilliseconds: limitMilliseconds, trace)
                search.modules.append(module)
            } catch {
                search.failedCount += 1
                host.notice(.warning("The PKCS#11 module \(loaded.name) was not searched: \(error)."))
            }
        }
        guard !search.modules.isEmpty else {
            trace?.end()
            throw KeyStoreError(
                .noSuchBackend,
                "p11-kit configures no PKCS#11 module that works here; name one with 'module-path' or the option for it",
                operation: "load modules")
        }
        return search
    }

    private func acquire(
        _ module: Module, limitMilliseconds: UInt32, _ trace: CallTrace?
    ) throws(KeyStoreError) {
        let answer: Result<Void, KeyStoreError>? = StandardError.silenced {
            TimeLimit.run(milliseconds: limitMilliseconds) {
                do throws(KeyStoreError) { return .success(try module.acquire(trace)) } catch { return .failure(error) }
            } late: { result in
                if case .success = result { module.release(trace) }
            }
        }
        guard let answer else {
            throw KeyStoreError(
                .timedOut, "it did not initialise within \(limitMilliseconds) ms", operation: "initialise module")
        }
        try answer.get()
    }

    private func p11KitModules(
        limitMilliseconds: UInt32, host: any BackendHost
    ) throws(KeyStoreError) -> [P11KitModules.Loaded] {
        for entry in ModuleConfiguration.system.entries {
            // A file that is not there is p11-kit's to complain about.
            guard let path = entry.path, let real = try? ModuleLibrary.realPath(path) else { continue }
            try host.allowLibrary(real, origin: .system)
        }
        return try P11KitModules.load(limitMilliseconds: limitMilliseconds)
    }

    /// The module for one of p11-kit's, or the one that is in use already under its path.
    private func adopt(_ loaded: P11KitModules.Loaded) throws(KeyStoreError) -> Module {
        try modules.withLock { modules throws(KeyStoreError) in
            let key = loaded.path ?? "p11-kit \(loaded.name)"
            if let present = modules[key] { return present }
            let module = try Module(
                loaded.list, path: loaded.path, name: loaded.name, isConfigured: true, manager: .p11Kit)
            modules[key] = module
            return module
        }
    }

    private static let defaultLimitMilliseconds: UInt32 = 5000
}
