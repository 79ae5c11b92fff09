import ArgumentParser
struct AuthenticateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "authenticate")
}
