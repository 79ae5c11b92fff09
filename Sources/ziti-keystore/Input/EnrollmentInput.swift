import KeyStoreCore
import ZitiEnrollment

/// What an enrollment starts from.
enum EnrollmentInput {
    /// An enrollment JWT, and the file that it stood in; nil where it was given in another way.
    case jwt(EnrollmentJWT, file: String?)
    /// A controller.
    case controller(ControllerAddress)

    /// Reads what stands on the command line: an address, a JWT, '-' or a file. Throws a usage error for an address that
    /// enrollment does not begin with, and what reading a file or JWT throws. No error repeats a JWT.
    init(_ text: String, _ report: Report) throws {
        let lowered = text.prefix(8).lowercased()
        if lowered == "https://" {
            guard let address = ControllerAddress(text, allowsClientAPI: true) else {
                throw CommandFailure.usage(
                    "the address of a controller must be https://HOST:PORT, without anything else")
            }
            self = .controller(address)
        } else if lowered.hasPrefix("http://") {
            throw CommandFailure.usage("a controller is reached with https:// only")
        } else if lowered.hasPrefix("ziti://") {
            throw CommandFailure.usage(
                "OpenZiti documents no enrollment by a ziti:// address",
                hint: "give the controller's https://HOST:PORT, or an enrollment JWT")
        } else if EnrollmentJWT.looksLikeOne(text) {
            report.warning("The enrollment JWT stands on the command line, where other users can see it.")
            self = .jwt(try Self.parse(text, nil), file: nil)
        } else {
            let contents = try InputFile(path: text).readText(limit: EnrollmentJWT.maximumLength)
            self = .jwt(try Self.parse(contents, text), file: text == "-" ? nil : text)
        }
    }

    private static func parse(_ text: String, _ file: String?) throws -> EnrollmentJWT {
        do throws(EnrollmentError) {
            return try EnrollmentJWT(text)
        } catch {
            throw CommandFailure(error, file: file ?? "--jwt")
        }
    }
}
