import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Lists the plugins that are installed.
struct BackendsCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "backends", abstract: "List the installed backends, and what each can do.",
        discussion: """
            One line each: name, version, schemes, abilities, library. A plugin that cannot be used is reported with the \
            reason.

            Example:
              ziti-keystore backends --json
            """)

    @OptionGroup var common: CommonOptions

    func run(in context: CommandContext) throws {
        let backends = context.loader.backends().filter { context.backend == nil || $0.name == context.backend }
        if let wanted = context.backend, backends.isEmpty {
            throw KeyStoreError(
                .noSuchBackend,
                "there is no backend '\(wanted)' in \(context.loader.pluginDirectories.joined(separator: ", "))",
                operation: "list backends", subject: wanted)
        }
        if backends.isEmpty {
            context.report.warning("There is no plugin in \(context.loader.pluginDirectories.joined(separator: ", ")).")
        }
        var lines: [String] = []
        for backend in backends {
            switch backend.info {
            case .success(let info):
                lines.append(
                    [
                        info.name, info.version, (info.schemes + info.reads).joined(separator: " "),
                        info.abilities.names.joined(separator: " "), backend.path ?? "",
                    ].map(StandardStream.sanitised).joined(separator: "\t"))
            case .failure(let error):
                context.report.warning("The backend '\(backend.name)': \(error.message).")
            }
        }
        try context.print("backends", backends.map(Self.json), text: lines.joined(separator: "\n"))
    }

    private static func json(_ backend: InstalledBackend) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("uri", .string("\(backend.name):")), ("name", .string(backend.name)),
            ("path", backend.path.map { .string($0) } ?? .null),
        ]
        switch backend.info {
        case .success(let info):
            members += [
                ("version", .string(info.version)), ("schemes", .strings(info.schemes)),
                ("reads", .strings(info.reads)),
                ("abilities", .strings(info.abilities.names)), ("computesOnly", .bool(info.computesOnly)),
            ]
        case .failure(let error):
            members += [("error", .object([("code", .string("\(error.code)")), ("message", .string(error.message))]))]
        }
        return .object(members)
    }
}
