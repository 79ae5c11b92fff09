import TemporaryFiles
import DevelopmentController
import Foundation
import KeyStoreCore
import KeyStoreTesting

@testable import ZitiEnrollment

/// A controller, an identity to enroll, a store with or without its key, and a folder for what is written.
struct Rig {
    let controller: Controller
    let enrollment: DevelopmentController.Enrollment
    let folder: TemporaryFolder
    let store: ScriptedStore
    let messages = Messages()

    var output: String { folder.path + "/identity.json" }
    var journal: String { output + ".enrolling" }

    /// Starts everything. The key is made beforehand unless `type` is nil.
    static func start(
        key type: KeyType? = .ecP256, script: ScriptedStore.Script = .init(),
        _ configuration: Controller.Configuration = .init()
    ) async throws -> Rig {
        let controller = try await Controller.start(configuration)
        let store = try ScriptedStore(Self.freshURI(), script)
        if let type { try await store.makeKey(type) }
        return Rig(
            controller: controller, enrollment: try controller.makeEnrollment(name: "laptop"),
            folder: TemporaryFolder(), store: store)
    }

    /// A key on a token that nothing else uses.
    static func freshURI() throws -> KeyStoreURI {
        try KeyStoreURI("memory:\(UUID().uuidString);object=ziti")
    }

    var options: EnrollmentOptions { EnrollmentOptions(outputPath: output, timeoutSeconds: 300) }

    /// Enrolls as an operator would; `stop` ends it at a milestone as a kill would.
    @discardableResult
    func enroll(
        jwt: String? = nil, options: EnrollmentOptions? = nil, key: KeySource? = nil, withoutKey: Bool = false,
        stop: EnrollmentMilestone? = nil
    ) async throws(EnrollmentError) -> EnrollmentResult {
        var enrollment = ZitiEnrollment.Enrollment(
            jwt: try EnrollmentJWT(jwt ?? self.enrollment.jwt), options: options ?? self.options)
        enrollment.milestone = { (milestone) throws(EnrollmentMilestone.Interruption) in
            if milestone == stop { throw EnrollmentMilestone.Interruption() }
        }
        enrollment.patience.wait = { _ in }
        let messages = messages
        let key = withoutKey ? nil : key ?? KeySource(store: store, pin: .none)
        return try await enrollment.run(key: key) { messages.append($0) }
    }

    /// The identity file that was written.
    func identity() throws -> IdentityFile { try IdentityFile(path: output) }

    /// How often the token was sent to the controller.
    var posts: Int {
        controller.requests.filter {
            $0.method == "POST" && ($0.path.hasSuffix("/enroll") || $0.path.hasSuffix("/enroll/token"))
        }.count
    }

    /// Whether the token still enrolls, into another file.
    func tokenStillWorks() async throws -> Bool {
        let fresh = try ScriptedStore(Self.freshURI())
        try await fresh.makeKey(.ecP256)
        let other = EnrollmentOptions(outputPath: folder.path + "/other.json", timeoutSeconds: 300)
        do {
            try await enroll(options: other, key: KeySource(store: fresh, pin: .none))
            return true
        } catch {
            return false
        }
    }
}
