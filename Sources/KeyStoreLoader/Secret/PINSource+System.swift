import Glibc
public import KeyStoreCore

extension PINSource {
    /// The person at the terminal, asked without echo. Throws `pinRequired` where there is no terminal. A new passphrase is
    /// asked for twice.
    public static var prompt: PINSource {
        .callback("the terminal") { request throws(KeyStoreError) in try Terminal.ask(request) }
    }

    /// The person at the terminal, asked twice without echo for a password that is to be set at a service: that of the
    /// request's subject, whatever its kind. Throws `pinRequired` where there is no terminal.
    public static var newPassword: PINSource {
        .callback("the terminal") { request throws(KeyStoreError) in try Terminal.askNewPassword(request) }
    }

    /// A regular file that nobody but its owner can read or write. One newline at its end is dropped.
    public static func file(_ path: String) -> PINSource {
        .callback("the file \(path)") { request throws(KeyStoreError) in try SecretFile.read(path) }
    }

    /// An open descriptor, read to its end. One newline at its end is dropped. It can be asked once.
    public static func descriptor(_ descriptor: Int32) -> PINSource {
        .callback("descriptor \(descriptor)") { request throws(KeyStoreError) in
            try SecretFile.read(descriptor: descriptor, name: "descriptor \(descriptor)")
        }
    }

    /// An environment variable. Its copy in the environment cannot be wiped. An empty one is `pinRequired`.
    public static func environment(_ name: String) -> PINSource {
        .callback("the environment variable \(name)") { request throws(KeyStoreError) in
            guard let value = getenv(name), value.pointee != 0 else {
                throw KeyStoreError(
                    .pinRequired, "the environment variable \(name) is not set, or empty", operation: "read secret")
            }
            let length = strnlen(value, SecretFile.maximumLength + 1)
            guard length <= SecretFile.maximumLength else {
                throw KeyStoreError(
                    .invalidData, "the secret in \(name) is longer than \(SecretFile.maximumLength) bytes",
                    operation: "read secret")
            }
            return try PIN(UnsafeRawBufferPointer(start: value, count: length))
        }
    }

    /// The same source, asked once for each subject and kind and remembered. For a command that needs one PIN twice. It is
    /// asked anew where a wrong PIN was given since, so that no rejected one is sent again.
    public func remembering() -> PINSource {
        let memory = SecretMemory()
        return .callback(description) { request throws(KeyStoreError) in
            if !request.countIsLow, let known = memory.value(for: request) { return known }
            let pin = try self.pin(for: request)
            memory.remember(pin, for: request)
            return pin
        }
    }
}
