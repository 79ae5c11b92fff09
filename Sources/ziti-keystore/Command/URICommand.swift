import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Shows how a reference is read. Touches no device.
struct URICommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "uri", abstract: "Show how a reference is read: its normal form, what it says, and warnings.",
        discussion: """
            Example:
              ziti-keystore uri 'pkcs11:token=demo;object=ziggy;id=%01'
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The reference.")
    var reference: String

    func run(in context: CommandContext) throws {
        let info = try context.loader.describe(try KeyStoreURI(reference), backend: context.backend)
        for warning in info.warnings { context.report.warning(warning) }
        let attributes = info.attributes.map { attribute in
            JSONValue.object([("name", .string(attribute.name)), ("value", .string(attribute.value))])
        }
        try context.print(
            "uri",
            [
                .object([
                    ("uri", .string(info.normalised.redacted)), ("scheme", .string(info.normalised.scheme)),
                    ("attributes", .array(attributes)), ("warnings", .strings(info.warnings)),
                ])
            ],
            text: ([info.normalised.redacted]
                + info.attributes.map { "\($0.name)\t\(StandardStream.sanitised($0.value).replacingNewlines)" })
                .joined(separator: "\n"))
    }
}
