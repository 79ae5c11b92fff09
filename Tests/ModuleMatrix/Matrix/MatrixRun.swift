import Foundation
import KeyStoreCore
import KeyStoreLoader
import KeyStoreTesting

/// One module's run: brought up, put through the conformance suite by way of the loaded plugin, and ended.
public enum MatrixRun {
    /// Runs in this process, which must have namespaces of its own, and hands out each outcome.
    public static func run(
        _ module: MatrixModule, folder: String, onOutcome: (OutcomeLine) -> Void
    ) async throws {
        let machine = try Machine(folder: folder)
        defer { machine.stop() }
        let token = try module.bringup.bringUp(on: machine)
        let loader = BackendLoader(onNotice: { notice in
            FileHandle.standardError.write(Data("\(notice)\n".utf8))
        })
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(token.pin)), wrongPIN: .value(try PIN(token.wrongPIN)),
            everyKey: try token.uri("type=private"),
            limits: ModuleLimits.limits(of: module), givenTypes: module.givenTypes,
            open: { try await loader.open(OpenRequest(uri: try token.uri())) },
            uri: { label in try token.uri(token.attributes(label)) })
        _ = await KeyStoreConformance(subject).run { onOutcome(OutcomeLine($0)) }
        let bench = QuirkBench(token, machine)
        for check in QuirkCheck.all(of: module) {
            onOutcome(await outcome(of: check, token, loader, bench))
        }
    }

    private static func outcome(
        of check: QuirkCheck, _ token: TestToken, _ loader: BackendLoader, _ bench: QuirkBench
    ) async -> OutcomeLine {
        var failure: String?
        do {
            let uri = try KeyStoreURI("\(try token.uri().text)&x-quirks=-\(check.quirk)")
            let store = try await loader.open(OpenRequest(uri: uri))
            guard try await store.tokens().contains(where: { $0.properties.contains { $0.name == "quirks" } }) else {
                throw BringupError("the token tells of no quirks")
            }
            let session = try await store.openSession(
                SessionOptions(isWritable: true), pin: .value(try PIN(token.pin)))
            try await check.body(session, bench)
            await session.close()
            await store.close()
        } catch {
            failure = "\(error)"
        }
        return OutcomeLine(statement: "without the quirk '\(check.quirk)', \(check.statement)", failure: failure)
    }
}
