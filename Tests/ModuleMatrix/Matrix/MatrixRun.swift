import Foundation
import KeyStoreCore
import KeyStoreLoader
import KeyStoreTesting

/// One module's run: brought up, used to enroll and to connect, put through the conformance suite by way of the loaded plugin,
/// and ended.
public enum MatrixRun {
    /// What is checked of the uses that keys are made for, beside the conformance suite.
    public static func useStatements(of module: MatrixModule) -> [String] {
        EnrollmentCheck.all(of: module).map(\.statement) + ConnectionCheck.all(of: module).map(\.statement)
            + module.connectingTypes.map(togetherStatement)
    }

    /// More than there are sessions for, of the four that an identity opens.
    private static let connectionsTogether = 8

    private static func togetherStatement(_ type: KeyType) -> String {
        "an \(type) key opens \(connectionsTogether) mutual TLS connections at the same time"
    }

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
        for check in EnrollmentCheck.all(of: module) {
            onOutcome(await outcome(check.statement) { try await check.run(module, token, machine, loader) })
        }
        let connections = try ConnectionBench(token, module, loader)
        for check in ConnectionCheck.all(of: module) {
            onOutcome(await outcome(check.statement) { try await connections.run(check) })
        }
        for type in module.connectingTypes {
            onOutcome(
                await outcome(togetherStatement(type)) {
                    try await connections.runTogether(type, count: connectionsTogether)
                })
        }
        await connections.close()
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(token.pin)), wrongPIN: .value(try PIN(token.wrongPIN)),
            everyKey: try token.uri("type=private"),
            limits: ModuleLimits.limits(of: module), givenTypes: module.givenTypes,
            open: { try await loader.open(OpenRequest(uri: try token.uri())) },
            uri: { label in try token.uri(token.attributes(label)) })
        _ = await KeyStoreConformance(subject).run { onOutcome(OutcomeLine($0)) }
        let bench = QuirkBench(token, machine)
        for check in QuirkCheck.all(of: module) {
            let statement = "without the quirk '\(check.quirk)', \(check.statement)"
            onOutcome(await outcome(statement) { try await run(check, token, loader, bench) })
        }
    }

    private static func outcome(_ statement: String, _ body: () async throws -> Void) async -> OutcomeLine {
        do {
            try await body()
            return OutcomeLine(statement: statement, failure: nil)
        } catch {
            return OutcomeLine(statement: statement, failure: "\(error)")
        }
    }

    private static func run(
        _ check: QuirkCheck, _ token: TestToken, _ loader: BackendLoader, _ bench: QuirkBench
    ) async throws {
        let uri = try KeyStoreURI("\(try token.uri().text)&x-quirks=-\(check.quirk)")
        let store = try await loader.open(OpenRequest(uri: uri))
        guard try await store.tokens().contains(where: { $0.properties.contains { $0.name == "quirks" } }) else {
            throw BringupError("the token tells of no quirks")
        }
        let session = try await store.openSession(SessionOptions(isWritable: true), pin: .value(try PIN(token.pin)))
        try await check.body(session, bench)
        await session.close()
        await store.close()
    }
}
