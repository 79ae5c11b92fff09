import Dispatch
import Foundation
import Glibc
import KeyStoreCore
@testable import KeyStoreLoader
import Synchronization
import Testing

/// A person at a pseudo-terminal. Its one end is the keyboard and the screen, the other what the program asks on.
private final class PseudoTerminal: @unchecked Sendable {
    // The descriptor never changes; each test uses it from one place.
    let person: Int32
    let device: String

    init() throws {
        // What unlockpt and ptsname do, which need a feature macro that the C module does not set.
        let unlock: UInt = 0x4004_5431
        let number: UInt = 0x8004_5430
        var zero: Int32 = 0
        var terminal: UInt32 = 0
        person = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard person >= 0, ioctl(person, unlock, &zero) == 0, ioctl(person, number, &terminal) == 0 else {
            throw KeyStoreError(.backendFailure, "there is no pseudo-terminal")
        }
        device = "/dev/pts/\(terminal)"
    }

    deinit { if !isHungUp { close(person) } }

    private var isHungUp = false

    func hangUp() {
        isHungUp = true
        close(person)
    }

    func type(_ text: String) { _ = write(person, text, text.utf8.count) }

    /// What is on the screen up to this text, which must come within half a minute.
    func read(until end: String) -> String {
        var seen: [UInt8] = []
        var waiting = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        while !String(decoding: seen, as: UTF8.self).contains(end), poll(&waiting, 1, 30_000) > 0 {
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = Glibc.read(person, &bytes, bytes.count)
            guard count > 0 else { break }
            seen += bytes.prefix(count)
        }
        return String(decoding: seen, as: UTF8.self)
    }

    /// Whether what is typed would be seen.
    var echoes: Bool {
        var settings = termios()
        return tcgetattr(person, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }
}

@Suite(.timeLimit(.minutes(2)))
struct TerminalTests {
    private let request = PINRequest(kind: .pin, subject: "token", uri: "x:a")

    private struct Dialogue: Sendable {
        var answer: Result<String, KeyStoreError>
        var screen = ""
        /// Whether typing could be seen at any of the questions, and afterwards.
        var echoed = false
        var echoesAfterwards = true
    }

    /// Asks on a terminal and answers each question with the next text. On threads of its own throughout: both ends block.
    private func ask(
        _ request: PINRequest, typing answers: String...
    ) async throws -> (answer: Result<String, KeyStoreError>, screen: String) {
        let terminal = try PseudoTerminal()
        let dialogue = await onThread {
            // Kept open, so that the terminal's settings can be read when the program has left it.
            let kept = open(terminal.device, O_RDWR | O_NOCTTY)
            defer { close(kept) }
            let program = Asking(request, on: terminal.device)
            var screen = ""
            var echoed = false
            for answer in answers {
                screen += terminal.read(until: ": ")
                if terminal.echoes { echoed = true }
                terminal.type(answer)
            }
            let answer = program.wait()
            screen += terminal.read(until: "\n")
            return Dialogue(answer: answer, screen: screen, echoed: echoed, echoesAfterwards: terminal.echoes)
        }
        #expect(!dialogue.echoed)
        #expect(dialogue.echoesAfterwards)
        return (dialogue.answer, dialogue.screen)
    }

    @Test func aPINIsReadWithoutBeingSeen() async throws {
        let (answer, screen) = try await ask(request, typing: "8362\n")
        #expect(try answer.get() == "8362")
        #expect(screen.contains("PIN for token: ") && !screen.contains("8"))
    }

    @Test(arguments: [
        ("12\u{7F}3\n", "13"), ("12\u{8}\u{8}\u{8}34\r", "34"), ("99\u{15}12\n", "12"), ("pä\u{7F}in\n", "pin"),
        ("a€\u{7F}b\u{4}", "ab"), ("pïn\n", "pïn"),
    ])
    func editingKeysWork(_ typed: String, _ secret: String) async throws {
        #expect(try await ask(request, typing: typed).answer.get() == secret)
    }

    @Test(arguments: ["\u{3}", "12\u{3}", "\u{4}"])
    func interruptingIsCancelledAndLeavesTheTerminalAsItWas(_ typed: String) async throws {
        let (answer, _) = try await ask(request, typing: typed)
        #expect(throws: KeyStoreError(.cancelled, "")) { try answer.get() }
    }

    @Test func anEmptyLineIsNoPIN() async throws {
        for kind in [PINRequest.Kind.pin, .contextPIN] {
            let (answer, _) = try await ask(PINRequest(kind: kind, subject: "t", uri: "x:a"), typing: "\n")
            #expect(throws: KeyStoreError(.pinRequired, "")) { try answer.get() }
        }
    }

    @Test func aLineThatIsTooLongIsInvalidData() async throws {
        let longest = String(repeating: "x", count: 1024)
        #expect(try await ask(request, typing: longest + "\n").answer.get().utf8.count == 1024)
        let (answer, _) = try await ask(request, typing: longest + "yz\n")
        #expect(throws: KeyStoreError(.invalidData, "")) { try answer.get() }
    }

    @Test func aNewPassphraseIsAskedForTwice() async throws {
        let new = PINRequest(kind: .newPassphrase, subject: "/k.pem", uri: "file:/k.pem")
        let (same, screen) = try await ask(new, typing: "long one\n", "long one\n")
        #expect(try same.get() == "long one")
        #expect(screen.contains("New passphrase for /k.pem (empty for none): ") && screen.contains("Again: "))
        #expect(!screen.contains("long one"))
        for second in ["long two\n", "long on\n", "\n"] {
            let (other, _) = try await ask(new, typing: "long one\n", second)
            #expect(throws: KeyStoreError(.cancelled, "")) { try other.get() }
        }
        #expect(try await ask(new, typing: "\n").answer.get() == "")
    }

    @Test(arguments: [
        (PINRequest.Kind.newPUK, "New PUK for t: "),
        (.newManagementKey, "New management key for t, in hexadecimal: "),
    ])
    func everySecretThatIsToBeSetIsAskedForTwice(_ kind: PINRequest.Kind, _ question: String) async throws {
        let request = PINRequest(kind: kind, subject: "t", uri: "x:a")
        let (same, screen) = try await ask(request, typing: "1234\n", "1234\n")
        #expect(try same.get() == "1234")
        #expect(screen.contains(question))
        let (other, _) = try await ask(request, typing: "1234\n", "4321\n")
        #expect(throws: KeyStoreError(.cancelled, "")) { try other.get() }
        let (none, _) = try await ask(request, typing: "\n")
        #expect(throws: KeyStoreError(.pinRequired, "")) { try none.get() }
    }

    @Test func theQuestionSaysWhatIsAskedForAndHowManyTriesAreLeft() async throws {
        let left = PINRequest(kind: .pin, subject: "t", uri: "x:a", triesLeft: 2, countIsLow: true)
        #expect(try await ask(left, typing: "1\n").screen.contains("PIN for t (2 tries left): "))
        let low = PINRequest(kind: .pin, subject: "t", uri: "x:a", countIsLow: true)
        #expect(try await ask(low, typing: "1\n").screen.contains("PIN for t (a wrong one was given before): "))
        let again = PINRequest(kind: .contextPIN, subject: "t", uri: "x:a")
        #expect(try await ask(again, typing: "1\n").screen.contains("PIN for t, again for this operation: "))
        let officer = PINRequest(kind: .securityOfficerPIN, subject: "t", uri: "x:a")
        #expect(try await ask(officer, typing: "1\n").screen.contains("Security officer's PIN for t: "))
        let puk = PINRequest(kind: .puk, subject: "t", uri: "x:a", triesLeft: 3)
        #expect(try await ask(puk, typing: "1\n").screen.contains("PUK for t (3 tries left): "))
        let key = PINRequest(kind: .managementKey, subject: "t", uri: "x:a")
        #expect(try await ask(key, typing: "1\n").screen.contains("Management key for t, in hexadecimal: "))
        let fresh = PINRequest(kind: .newPIN, subject: "t", uri: "x:a")
        #expect(try await ask(fresh, typing: "1\n", "1\n").screen.contains("New PIN for t: "))
        let opens = PINRequest(kind: .passphrase, subject: "/k", uri: "file:/k")
        #expect(try await ask(opens, typing: "\n").screen.contains("Passphrase for /k: "))
    }

    @Test func aLabelMovesNoCursor() async throws {
        let hostile = PINRequest(
            kind: .pin, subject: "a\u{1B}[2J\u{1B}\u{301}b\r\n\u{7F}\u{9B}1A\u{202E}c\u{2028}d", uri: "x:a")
        let screen = try await ask(hostile, typing: "1\n").screen
        let question = screen.prefix { $0 != ":" }
        for scalar in question.unicodeScalars {
            #expect(scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format)
        }
        #expect(question.contains("a?[2J") && question.contains("d"))
    }

    @Test func withoutATerminalItIsPinRequired() {
        for device in ["/dev/null", "/nowhere/tty"] {
            let error = #expect(throws: KeyStoreError.self) { try Terminal.ask(request, device: device) }
            #expect(error?.code == .pinRequired)
        }
    }

    @Test func aTerminalThatIsHungUpIsCancelled() async throws {
        let request = request
        let answer = await onThread { () -> Result<String, KeyStoreError>? in
            guard let terminal = try? PseudoTerminal() else { return nil }
            let program = Asking(request, on: terminal.device)
            _ = terminal.read(until: ": ")
            terminal.hangUp()
            return program.wait()
        }
        #expect(throws: KeyStoreError(.cancelled, "")) { try answer?.get() }
    }
}

/// A program that asks, on a thread.
private final class Asking: @unchecked Sendable {
    // Written by the thread before it signals, and read after.
    private var answer: Result<String, KeyStoreError>?
    private let done = DispatchSemaphore(value: 0)

    init(_ request: PINRequest, on device: String) {
        Thread.detachNewThread { [self] in
            do throws(KeyStoreError) {
                let pin = try Terminal.ask(request, device: device)
                answer = .success(pin.withBytes { String(decoding: $0, as: UTF8.self) })
            } catch {
                answer = .failure(error)
            }
            done.signal()
        }
    }

    /// What it got. Gives up after half a minute.
    func wait() -> Result<String, KeyStoreError> {
        guard done.wait(timeout: .now() + 30) == .success, let answer else {
            return .failure(KeyStoreError(.backendFailure, "the program still asks"))
        }
        return answer
    }
}
