/// Keys at one reader, worked by lines of text: what the program offers, one line for one wish.
public final class Console {
    /// What is to be plugged in: the key that was chosen last.
    private var key: YubiKey
    private let port: UInt16
    private let makeKey: (UInt32) throws -> YubiKey
    private var keys: [UInt32: YubiKey] = [:]

    /// Takes a reader with a key in it.
    /// - Parameter makeKey: Makes another key, or fetches one, by its serial number.
    public init(_ key: YubiKey, port: UInt16, makeKey: @escaping (UInt32) throws -> YubiKey) {
        self.key = key
        self.port = port
        self.makeKey = makeKey
        keys[key.serial] = key
    }

    /// All lines that are understood.
    public static let help = """
        unplug                     pull the key out
        plug                       put it in again
        swap SERIAL                pull it out, and put another in; a new one if there is none of this number
        touch granted              each touch comes at once (so it is at first)
        touch after SECONDS        each touch comes that late
        touch hand SECONDS         each touch waits for `tap`, and is refused after that time
        touch denied               each touch is refused at once
        touch never SECONDS        each touch is refused after that time
        tap                        touch it, if touches are by hand
        latency SECONDS            private-key operations take that much longer
        fault N [INS] WHAT         something goes wrong with the Nth command from now on (of those with instruction INS):
                                     status SW | answer HEX | data HEX | truncate BYTES | delay SECONDS |
                                     unplug | unplug-afterwards | reconnect
        fault clear                take back what has not gone wrong yet
        generate SLOT ALGORITHM    make a key (p256 p384 rsa1024 rsa2048 rsa3072 rsa4096 ed25519 x25519) and a certificate
        chuid                      write a card holder unique identifier, which OpenSC wants
        log                        the commands since the log was cleared; counts: by instruction; log clear
        status                     what it is and how it stands
        root                       the certificate at the end of its attestations' chain, PEM
        quit                       pull the key out, and end
        """

    /// Does what a line says and returns what there is to say, which may be nothing. Throws `ConsoleError` for a line that is
    /// not understood, and what goes wrong with one that is.
    public func execute(_ line: String) throws -> String {
        var words = line.split(separator: " ").map(String.init)[...]
        guard let verb = words.popFirst() else { return "" }
        switch (verb, words.count) {
        case ("help", 0): return Self.help
        case ("unplug", 0): key.unplug()
        case ("plug", 0): try key.plug(intoPort: port)
        case ("swap", 1): try swap(to: words.first!)
        case ("touch", 1...2): key.touch = try ConsoleWords.touch(words)
        case ("tap", 0): key.giveTouch()
        case ("latency", 1): key.latencySeconds = try ConsoleWords.seconds(words.first)
        case ("fault", 1) where words.first == "clear": key.clearFaults()
        case ("fault", 2...): try addFault(words)
        case ("generate", 2):
            let (slot, algorithm) = (try ConsoleWords.slot(words.first!), try ConsoleWords.algorithm(words.last!))
            try key.generate(algorithm, in: slot)
            try key.putCertificate(in: slot, commonName: "virtual \(slot)")
        case ("chuid", 0): key.putCHUID()
        case ("log", 0): return key.log.description
        case ("log", 1) where words.first == "clear": key.clearLog()
        case ("counts", 0): return counts
        case ("status", 0): return status
        case ("root", 0): return try key.attestationRootPEM()
        default: throw ConsoleError("not understood: '\(line)'; `help` tells what is")
        }
        return ""
    }

    /// Pulls the key out, at the end.
    public func close() { key.unplug() }

    private func swap(to text: String) throws {
        guard let serial = UInt32(text) else { throw ConsoleError("'\(text)' is no serial number") }
        let next = try keys[serial] ?? makeKey(serial)
        keys[serial] = next
        key.unplug()
        key = next
        try next.plug(intoPort: port)
    }

    private func addFault(_ words: ArraySlice<String>) throws {
        var words = words
        guard let number = Int(words.removeFirst()), number > 0 else { throw ConsoleError("N counts from 1") }
        var instruction: UInt8?
        if let first = words.first, first.count == 2, let value = UInt8(first, radix: 16) {
            instruction = value
            words.removeFirst()
        }
        key.fail(atAPDU: number, instruction: instruction, with: try ConsoleWords.fault(words))
    }

    private var counts: String {
        key.log.countByInstruction.sorted { $0.key < $1.key }.map { "\($0.key.hexadecimal) \($0.value)" }
            .joined(separator: "\n")
    }

    private var status: String {
        """
        serial \(key.serial), firmware \(key.firmware), \(key.isPlugged ? "plugged in" : "out")
        PIN tries left \(key.pinTriesLeft), PUK tries left \(key.pukTriesLeft)
        """
    }
}
