import DevelopmentController

/// Runs a controller for the length of a body.
func withController(
    _ configure: (inout DevelopmentController.Configuration) -> Void = { _ in },
    _ body: (DevelopmentController) async throws -> Void
) async throws {
    var configuration = DevelopmentController.Configuration()
    configure(&configuration)
    let controller = try await DevelopmentController.start(configuration)
    do {
        try await body(controller)
    } catch {
        try await controller.shutdown()
        throw error
    }
    try await controller.shutdown()
}
