import DevelopmentController

/// Runs a controller for the length of a body.
func withController(
    _ configure: (inout Controller.Configuration) -> Void = { _ in },
    _ body: (Controller) async throws -> Void
) async throws {
    var configuration = Controller.Configuration()
    configure(&configuration)
    let controller = try await Controller.start(configuration)
    do {
        try await body(controller)
    } catch {
        try await controller.shutdown()
        throw error
    }
    try await controller.shutdown()
}
