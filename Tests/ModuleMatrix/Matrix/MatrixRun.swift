import Foundation
import KeyStoreCore
import KeyStoreLoader
public import KeyStoreTesting

/// One module's run: brought up, put through the conformance suite by way of the loaded plugin, and ended.
public enum MatrixRun {
    /// Runs in this process, which must have namespaces of its own, and hands out each outcome.
    public static func run(
        _ module: MatrixModule, folder: String, onOutcome: (KeyStoreConformance.Outcome) -> Void
    ) async throws {
        let machine = try Machine(folder: folder)
        defer { machine.stop() }
        let token = try module.bringup.bringUp(on: machine)
        let loader = BackendLoader(onNotice: { notice in FileHandle.standardError.write(Data("\(notice)\n".utf8)) })
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(token.pin)), wrongPIN: .value(try PIN(token.wrongPIN)),
            everyKey: try token.uri("type=private"),
            limits: ModuleLimits.limits(of: module),
            open: { try await loader.open(OpenRequest(uri: try token.uri())) },
            uri: { label in try token.uri("object=\(label)") })
        _ = await KeyStoreConformance(subject).run(onOutcome: onOutcome)
    }
}
