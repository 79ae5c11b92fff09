import ChildProcess
import DevelopmentController
import Foundation
import Synchronization
import Testing

/// A process that is really killed while it enrolls with another method than `ott`; then the same command once more.
struct KilledMethodTests {
    private static let cases = KilledMethod.allCases.flatMap { method in method.steps.map { (method, $0) } }

    @Test(arguments: cases)
    func theSameCommandGoesOnAfterAKillAtAStep(_ method: KilledMethod, _ step: Int) async throws {
        let place = try await Workplace { $0.version = "v2.0.3" }
        let arguments = try await method.prepare(place)
        let before = try names(place)

        let killed = try place.tool(arguments).start()
        _ = try killed.waitForErrorOutput("[\(step)/10]")
        killed.signal(SIGKILL)
        let ended = try killed.waitForEnd()
        try #require(ended.status == 128 + SIGKILL || ended.status == 0, "\(ended)")
        let again = try await place.tool(arguments).run()
        let wasPosted = accepted(method, place) > 0
        switch again.status {
        case 0: #expect(accepted(method, place) == (method.path == nil ? 0 : 1), "\(again)")
        case 68: #expect(try ended.status == 0 || names(place).contains("gateway.json"), "\(again)")
        case 75 where method.losesItsAnswer && wasPosted: try await startOver(arguments, again, method, place)
        default: Issue.record("\(again)")
        }
        #expect(try names(place) == before.union(method.results))
        try await method.check(place)
    }

    @Test(arguments: KilledMethod.allCases.filter { $0.path != nil })
    func theSameCommandFindsOutWhatBecameOfARequestWhoseAnswerDidNotCome(_ method: KilledMethod) async throws {
        let place = try await Workplace { $0.version = "v2.0.3" }
        let arguments = try await method.prepare(place)
        let before = try names(place)
        let child = Mutex<RunningProgram?>(nil)
        place.controller.script(
            Fault(pathSuffix: try #require(method.path), effect: .hangAfterProcessing) {
                child.withLock { $0?.signal(SIGKILL) }
            })
        let killed = try child.withLock { child in
            let program = try place.tool(arguments).start()
            child = program
            return program
        }
        let ended = try killed.waitForEnd()
        try #require(ended.status == 128 + SIGKILL, "\(ended)")
        #expect(try names(place).contains("gateway.json.enrolling"))

        let again = try await place.tool(arguments).run()
        if method.losesItsAnswer {
            try #require(again.status == 75, "\(again)")
            try await startOver(arguments, again, method, place)
        } else {
            #expect(again.status == 0, "\(again)")
            #expect(again.errorText.contains("whose answer got lost, was accepted"), "\(again)")
        }
        #expect(try names(place) == before.union(method.results))
        try await method.check(place)
    }

    /// The remedy for a certificate that is lost: the identity is deleted, and the same command enrolls it with the same key.
    private func startOver(
        _ arguments: [String], _ outcome: ProgramOutcome, _ method: KilledMethod, _ place: Workplace
    ) async throws {
        #expect(outcome.errorText.contains("Have the identity deleted"), "the remedy is not named: \(outcome)")
        let key = try place.folder.read("gateway.pem")
        try place.controller.deleteIdentity(nameOrID: KilledMethod.name)
        try await place.run(arguments)
        #expect(try place.folder.read("gateway.pem") == key)
    }

    private func names(_ place: Workplace) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: place.folder.path))
    }

    /// How often the controller has enrolled somebody, whether or not its answer was sent.
    private func accepted(_ method: KilledMethod, _ place: Workplace) -> Int {
        guard let path = method.path else { return 0 }
        return place.controller.requests.filter { request in
            request.method == "POST" && request.path.hasSuffix(path) && request.status == 200
        }.count
    }
}
