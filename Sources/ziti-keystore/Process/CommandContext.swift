import Glibc
import KeyStoreCore
import KeyStoreLoader

/// What a command works with: the loader, the conditions under which stores are opened, and where results go.
struct CommandContext: Sendable {
    let loader: BackendLoader
    let report: Report
    let backend: String?
    let isJSON: Bool
    let mayAsk: Bool
    /// Where `--trace` has native calls written; nil without it.
    let onTrace: (@Sendable (String) -> Void)?
    private let pluginDirectories: [String]?
    private let allowedModules: [String]
    private let module: String?
    private let moduleArguments: String?
    private let allowsLastTry: Bool
    private let timeoutMilliseconds: UInt32?

    init(_ options: CommonOptions) throws {
        let report = Report(isVerbose: options.verbose)
        self.report = report
        backend = options.backend
        isJSON = options.json
        mayAsk = !options.nonInteractive
        module = options.module.map(Self.modulePath)
        moduleArguments = options.moduleArgs
        allowsLastTry = options.allowLastTry
        timeoutMilliseconds = options.timeout.map { UInt32(($0 * 1000).rounded(.up)) }
        allowedModules = try ModuleConfiguration().modules
        let trace = try options.trace.map { path in
            try TraceFile(path: path, version: ZitiKeystore.version) { report.warning($0) }
        }
        var onTrace: (@Sendable (String) -> Void)?
        if let trace { onTrace = { trace.write($0) } }
        self.onTrace = onTrace
        pluginDirectories = options.pluginPath.isEmpty ? nil : options.pluginPath.map(Self.absolute)
        loader = BackendLoader(
            pluginDirectories: pluginDirectories, allowedModules: allowedModules, onNotice: { report.notice($0) },
            onTrace: onTrace)
    }

    /// A loader for the same plugins that tells others of what happens.
    func loader(
        onNotice: @escaping @Sendable (Notice) -> Void, onTrace: (@Sendable (String) -> Void)?
    ) -> BackendLoader {
        BackendLoader(
            pluginDirectories: pluginDirectories, allowedModules: allowedModules, onNotice: onNotice, onTrace: onTrace)
    }

    /// A request to open what a reference names. `isFromFile` says that it stood in a file.
    func request(_ uri: KeyStoreURI, isFromFile: Bool = false) -> OpenRequest {
        OpenRequest(
            uri: uri, module: module, moduleArguments: moduleArguments, referenceIsRequest: isFromFile,
            allowsLastTry: allowsLastTry, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Opens the store that a reference names. Logs in nowhere.
    func open(_ uri: KeyStoreURI) throws(KeyStoreError) -> BlockingKeyStore {
        let store = try loader.openBlocking(request(uri), backend: backend)
        report.detail("backend: \(store.backend.name) \(store.backend.version)")
        report.detail("reference: \(store.uri.redacted)")
        return store
    }

    /// The same, if the backend has an ability. Throws `unsupportedOperation`, saying what it `lacks`, before anything is
    /// asked for that would be of no use.
    func open(_ uri: KeyStoreURI, for ability: Ability, lacks: String) throws(KeyStoreError) -> BlockingKeyStore {
        let store = try open(uri)
        guard store.backend.abilities.contains(ability) else {
            throw KeyStoreError(
                .unsupportedOperation, "the backend '\(store.backend.name)' \(lacks)", operation: "choose backend",
                subject: store.uri.redacted)
        }
        return store
    }

    /// Prints a command's result: the items as JSON, or the text if it is not empty.
    func print(_ command: String, _ items: [JSONValue], text: @autoclosure () -> String) throws {
        if isJSON { return try StandardStream.print(line: CommandResult.json(command, items)) }
        let text = text()
        if !text.isEmpty { try StandardStream.print(line: text) }
    }

    /// A path stays what it means when a library changes the working directory; a bare name is the backend's business.
    private static func modulePath(_ text: String) -> String { text.contains("/") ? absolute(text) : text }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}
