import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

/// An identity file named on the command line, and where its keys are.
struct IdentityInput {
    let path: String
    let identity: IdentityFile

    /// Reads the file. Throws `badData`.
    init(path: String) throws {
        self.path = path
        do throws(EnrollmentError) {
            identity = try IdentityFile(path: path)
        } catch {
            throw CommandFailure(error, file: path)
        }
    }

    /// The key that the file names. Throws `badData` where it names none.
    func keySource(_ secrets: PINSource, in context: CommandContext) throws -> KeySource {
        do throws(EnrollmentError) {
            return Self.source(of: try identity.keyReference(), secrets, in: context)
        } catch {
            throw CommandFailure(error, file: path)
        }
    }

    /// A key whose reference stood in a file: the library that it names is loaded only if somebody else vouches for it.
    static func source(of uri: KeyStoreURI, _ secrets: PINSource, in context: CommandContext) -> KeySource {
        KeySource(uri: uri, pin: secrets) { () throws(KeyStoreError) in
            try await context.loader.open(context.request(uri, isFromFile: true), backend: context.backend)
        }
    }

    /// A failure with the file as its subject, where it has none.
    func failure(_ error: EnrollmentError, _ operation: String) -> CommandFailure {
        var failure = CommandFailure(error)
        if failure.operation.isEmpty { failure.operation = operation }
        if failure.subject.isEmpty { failure.subject = path }
        return failure
    }
}
