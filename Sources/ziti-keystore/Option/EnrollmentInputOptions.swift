import ArgumentParser

/// What an enrollment starts from: the enrollment JWT, and what else its method needs.
struct EnrollmentInputOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A controller to start from in place of a JWT, trusted by the system's authorities or by those of --ca; or the JWT, as with --jwt.",
            valueName: "https://host:port"))
    var controller: String?

    @Option(
        name: [.customShort("j"), .customLong("jwt")],
        help: ArgumentHelp(
            "The enrollment JWT: a file, '-' for the standard input, or the JWT itself, which other users can see then.",
            valueName: "file"))
    var jwt: String?

    @Option(help: ArgumentHelp("Trust the authorities in this file, in PEM or DER, too.", valueName: "file"))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "The certificate to enroll with, and its intermediates, for JWTs of 'ottca' and 'ca'; else the one beside the key.",
            valueName: "file"))
    var cert: String?

    @Option(help: ArgumentHelp("The name that a new identity is to have, for JWTs of 'ca'.", valueName: "name"))
    var name: String?

    @OptionGroup var password: PasswordOptions
    @OptionGroup var externalJWT: ExternalJWTOptions

    /// The JWT or address that was given; nil where none was.
    var start: String? { jwt ?? controller }

    func validate() throws {
        // Neither is repeated: each may be an enrollment JWT.
        if jwt != nil, controller != nil {
            throw ValidationError("'--jwt' and the argument without an option both say where to enroll.")
        }
        if externalJWT.isFromStandardInput, start == "-" {
            throw ValidationError("The enrollment JWT and the external JWT cannot both come from the standard input.")
        }
        let secrets: [(String, SecretChoice?)] = [
            ("password", try password.choice()), ("external-jwt", try externalJWT.choice()),
        ]
        try SecretChoice.demandDifferentDescriptors(secrets, input: start, inputOption: "jwt")
    }
}
