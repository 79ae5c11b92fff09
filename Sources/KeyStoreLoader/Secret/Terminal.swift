import Glibc
import KeyStoreCore

/// Asks a person for a secret on the controlling terminal, without echo.
enum Terminal {
    /// Throws `pinRequired` without a terminal, or where an empty line answers a question for a PIN: sending none would
    /// cost a try. Throws `cancelled` where the person gives up.
    static func ask(_ request: PINRequest, device: String = "/dev/tty") throws(KeyStoreError) -> PIN {
        let mayBeEmpty = request.kind == .newPassphrase || request.kind == .passphrase
        let isNew = [.newPassphrase, .newPIN, .newSecurityOfficerPIN, .newPUK, .newManagementKey].contains(request.kind)
        return try ask(
            question(for: request), word: word(for: request), need: request.kind.words, request, isNew: isNew,
            mayBeEmpty: mayBeEmpty, device: device)
    }

    /// The same for a password that is to be set at a service. Asked for twice.
    static func askNewPassword(_ request: PINRequest, device: String = "/dev/tty") throws(KeyStoreError) -> PIN {
        try ask(
            "New password for \(harmless(request.subject))", word: "password", need: "a password", request, isNew: true,
            mayBeEmpty: false, device: device)
    }

    private static func ask(
        _ question: String, word: String, need: String, _ request: PINRequest, isNew: Bool, mayBeEmpty: Bool,
        device: String
    ) throws(KeyStoreError) -> PIN {
        let descriptor = open(device, O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw KeyStoreError(
                .pinRequired,
                "\(request.subject) needs \(need), and there is no terminal to ask on",
                operation: "ask for a secret", subject: request.uri)
        }
        defer { close(descriptor) }
        let first = try readLine("\(question): ", on: descriptor)
        guard !first.isEmpty || mayBeEmpty else {
            throw KeyStoreError(
                .pinRequired, "no \(word) was entered", operation: "ask for a secret",
                subject: request.uri)
        }
        guard isNew, !first.isEmpty else { return first }
        let second = try readLine("Again: ", on: descriptor)
        let isSame = first.withBytes { first in
            second.withBytes { second in first.elementsEqual(second) }
        }
        guard isSame else {
            throw KeyStoreError(
                .cancelled, "the two \(word)s are not the same", operation: "ask for a secret")
        }
        return first
    }

    private static func word(for request: PINRequest) -> String {
        switch request.kind {
        case .pin, .contextPIN, .securityOfficerPIN, .newPIN, .newSecurityOfficerPIN: "PIN"
        case .passphrase, .newPassphrase: "passphrase"
        case .puk, .newPUK: "PUK"
        case .managementKey, .newManagementKey: "management key"
        }
    }

    private static func question(for request: PINRequest) -> String {
        let subject = harmless(request.subject)
        var text =
            switch request.kind {
            case .pin: "PIN for \(subject)"
            case .contextPIN: "PIN for \(subject), again for this operation"
            case .passphrase: "Passphrase for \(subject)"
            case .securityOfficerPIN: "Security officer's PIN for \(subject)"
            case .newPIN: "New PIN for \(subject)"
            case .newSecurityOfficerPIN: "New security officer's PIN for \(subject)"
            case .newPassphrase: "New passphrase for \(subject) (empty for none)"
            case .puk: "PUK for \(subject)"
            case .newPUK: "New PUK for \(subject)"
            case .managementKey: "Management key for \(subject), in hexadecimal"
            case .newManagementKey: "New management key for \(subject), in hexadecimal"
            }
        if let left = request.triesLeft {
            text += " (\(left) tries left)"
        } else if request.countIsLow {
            text += " (a wrong one was given before)"
        }
        return text
    }

    // Labels come from devices: nothing in them may move the cursor.
    private static func harmless(_ label: String) -> String {
        var text = ""
        for scalar in label.unicodeScalars {
            let category = scalar.properties.generalCategory
            let isHarmless = category != .control && category != .format && category != .lineSeparator
            text.unicodeScalars.append(isHarmless && category != .paragraphSeparator ? scalar : "?")
        }
        return text
    }

    private static func readLine(_ question: String, on descriptor: Int32) throws(KeyStoreError) -> PIN {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else {
            throw KeyStoreError(
                .pinRequired, "the terminal cannot be used to ask for a secret", operation: "ask for a secret")
        }
        var quiet = settings
        quiet.c_lflag &= ~tcflag_t(ECHO)
        // Keep Ctrl-C from leaving the terminal mute: it is read as a byte, and means cancelled.
        quiet.c_lflag &= ~tcflag_t(ISIG | ICANON)
        withUnsafeMutableBytes(of: &quiet.c_cc) { controls in
            controls[Int(VMIN)] = 1
            controls[Int(VTIME)] = 0
        }
        guard tcsetattr(descriptor, TCSAFLUSH, &quiet) == 0 else {
            throw KeyStoreError(.pinRequired, "the terminal's echo cannot be turned off", operation: "ask for a secret")
        }
        defer {
            tcsetattr(descriptor, TCSAFLUSH, &settings)
            _ = write(descriptor, "\n", 1)
        }
        let prompt = Array(question.utf8)
        _ = write(descriptor, prompt, prompt.count)

        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SecretFile.maximumLength + 1, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        var count = 0
        while true {
            var byte: UInt8 = 0
            let got = read(descriptor, &byte, 1)
            if got < 0, errno == EINTR { continue }
            guard got == 1, byte != 3, byte != 4 || count > 0 else {
                throw KeyStoreError(.cancelled, "no secret was entered", operation: "ask for a secret")
            }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"), 4:
                guard count <= SecretFile.maximumLength else {
                    throw KeyStoreError(
                        .invalidData, "the secret is longer than \(SecretFile.maximumLength) bytes",
                        operation: "ask for a secret")
                }
                return try PIN(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case 0x7F, 0x08:
                // A whole character: the bytes of UTF-8 that continue one begin with 10.
                while count > 0, buffer[count - 1] & 0xC0 == 0x80 { count -= 1 }
                count = max(count - 1, 0)
            case 0x15:
                count = 0
            default:
                guard count <= SecretFile.maximumLength else { continue }
                buffer[count] = byte
                count += 1
            }
        }
    }
}
