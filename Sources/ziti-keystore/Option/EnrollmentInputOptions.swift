import ArgumentParser

/// What an enrollment starts from: the enrollment JWT, and what else its method needs.
struct EnrollmentInputOptions: ParsableArguments {
    @Option(
        name: [.customShort("j"), .customLong("jwt")],
        help: ArgumentHelp("The enrollment JWT: a file, or '-' for the standard input.", valueName: "file"))
    var jwt: String?

    @Option(help: ArgumentHelp("Trust the authorities in this PEM file too.", valueName: "file"))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "The certificate to enroll with, where the controller does not issue one.", valueName: "file"))
    var cert: String?
}
