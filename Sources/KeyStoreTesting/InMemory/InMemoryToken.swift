import KeyStoreCore
import Synchronization

/// A token in the process's memory: keys with labels, ids and certificates, and perhaps a PIN.
final class InMemoryToken: Sendable {
    struct Entry: Sendable {
        var label: String
        var id: [UInt8]
        let key: InMemoryKey
        let options: NewKeyOptions
        let isImported: Bool
        var certificates: [[UInt8]] = []

        var purpose: KeyPurpose { options.purpose }
    }

    /// What everybody knows of a token that was reset.
    enum Factory {
        static let pin = Array("123456".utf8)
        static let puk = Array("12345678".utf8)
        static let managementKey = Array(String(repeating: "0102030405060708", count: 3).utf8)
        static let tries = 3
    }

    struct State: Sendable {
        var pin: [UInt8]?
        var puk: [UInt8]?
        /// As hexadecimal text.
        var managementKey: [UInt8]?
        var (pinTries, pukTries) = (Factory.tries, Factory.tries)
        var (wrongPINs, wrongPUKs) = (0, 0)
        var entries: [Entry] = []
    }

    let name: String
    let state = Mutex(State())

    private static let tokens = Mutex<[String: InMemoryToken]>([:])

    static func named(_ name: String) -> InMemoryToken {
        tokens.withLock { tokens in
            if let token = tokens[name] { return token }
            let token = InMemoryToken(name: name)
            tokens[name] = token
            return token
        }
    }

    private init(name: String) { self.name = name }

    var info: TokenInfo {
        get throws(KeyStoreError) {
            let uri = try InMemoryReference(token: name, label: nil, id: nil).uri
            return state.withLock { state in
                var flags: TokenInfo.Flags = [.initialised]
                if state.pin != nil { flags.formUnion([.loginRequired, .pinInitialised]) }
                if state.wrongPINs > 0 { flags.insert(.pinCountLow) }
                if state.wrongPINs >= state.pinTries { flags.insert(.pinLocked) }
                if state.pin == Factory.pin { flags.insert(.pinDefault) }
                if state.puk == Factory.puk { flags.insert(.pukDefault) }
                if state.managementKey == Factory.managementKey { flags.insert(.managementKeyDefault) }
                if state.wrongPUKs >= state.pukTries { flags.insert(.pukLocked) }
                return TokenInfo(
                    uri: uri, label: name, model: "memory", flags: flags,
                    triesLeft: state.pin == nil ? nil : state.pinTries - state.wrongPINs)
            }
        }
    }

    /// Compares a PIN and counts wrong ones.
    func login(_ pin: PIN) throws(KeyStoreError) {
        try compare(pin, "PIN", \.pin, \.wrongPINs, \.pinTries)
    }

    /// Compares a PUK and counts wrong ones.
    func check(puk: PIN) throws(KeyStoreError) { try compare(puk, "PUK", \.puk, \.wrongPUKs, \.pukTries) }

    private func compare(
        _ given: PIN, _ name: String, _ right: KeyPath<State, [UInt8]?>, _ wrong: WritableKeyPath<State, Int>,
        _ tries: KeyPath<State, Int>
    ) throws(KeyStoreError) {
        let left: Int? = try state.withLock { (state) throws(KeyStoreError) in
            guard state[keyPath: wrong] < state[keyPath: tries] else {
                throw KeyStoreError(.pinLocked, "the \(name) of \(self.name) is locked", triesLeft: 0)
            }
            if given.withBytes({ given in state[keyPath: right].map { given.elementsEqual($0) } ?? true }) {
                state[keyPath: wrong] = 0
                return nil
            }
            state[keyPath: wrong] += 1
            return state[keyPath: tries] - state[keyPath: wrong]
        }
        if let left { throw KeyStoreError(.pinIncorrect, "the \(name) for \(self.name) is wrong", triesLeft: left) }
    }
}
