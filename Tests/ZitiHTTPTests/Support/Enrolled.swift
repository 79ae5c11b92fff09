import DevelopmentController
import Foundation
import KeyStoreCore
import KeyStoreTesting
import MutualTLS
import TemporaryFiles
import ZitiEnrollment
import ZitiHTTP

/// An identity that a development controller enrolled, with a P-256 key in memory.
struct Enrolled {
    let controller: Controller
    let source: KeySource
    let folder: TemporaryFolder
    let path: String

    static func make(
        _ configure: (inout Controller.Configuration) -> Void = { _ in }
    ) async throws -> Enrolled {
        var configuration = Controller.Configuration()
        configure(&configuration)
        let controller = try await Controller.start(configuration)
        let folder = TemporaryFolder()
        let made = try await KeyPlace.memory.make(.ecP256)
        let path = folder.path("identity.json")
        let jwt = try EnrollmentJWT(try controller.makeEnrollment(name: "laptop").jwt)
        _ = try await ZitiEnrollment.Enrollment(
            jwt: jwt, options: EnrollmentOptions(outputPath: path, timeoutSeconds: 300)
        ).run(key: made.source) { _ in }
        return Enrolled(controller: controller, source: made.source, folder: folder, path: path)
    }

    /// The identity; `controllers` stand in the file instead of its own.
    func identity(
        controllers: [String]? = nil, options: ZitiIdentity.Options = .init(timeoutSeconds: 300)
    ) async throws -> ZitiIdentity {
        let file =
            if let controllers { try TestIdentity.file(path, controllers: controllers) } else {
                try IdentityFile(path: path)
            }
        return try await ZitiIdentity.open(file, key: source, options: options)
    }
}
