import KeyStoreCore
import Synchronization

/// A token in the process's memory: keys with labels, ids and certificates, and perhaps a PIN.
final class InMemoryToken: Sendable {
    struct Entry: Sendable {
        var label: String
        var id: [UInt8]
        let key: InMemoryKey
        let purpose: KeyPurpose
        var certificates: [[UInt8]] = []
    }

    struct State: Sendable {
        var pin: [UInt8]?
        var wrongTries = 0
        var entries: [Entry] = []
    }

    let name: String
    let state = Mutex(State())

    private static let tokens = Mutex<[String: InMemoryToken]>([:])
    private static let maximumWrongTries = 3

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
                if state.wrongTries > 0 { flags.insert(.pinCountLow) }
                if state.wrongTries >= Self.maximumWrongTries { flags.insert(.pinLocked) }
                return TokenInfo(
                    uri: uri, label: name, model: "memory", flags: flags,
                    triesLeft: state.pin == nil ? nil : Self.maximumWrongTries - state.wrongTries)
            }
        }
    }

    /// Compares a PIN and counts wrong ones.
    func login(_ pin: PIN) throws(KeyStoreError) {
        let left: Int? = try state.withLock { (state) throws(KeyStoreError) in
            guard state.wrongTries < Self.maximumWrongTries else {
                throw KeyStoreError(.pinLocked, "the PIN of \(name) is locked", triesLeft: 0)
            }
            if pin.withBytes({ given in state.pin.map { given.elementsEqual($0) } ?? true }) {
                state.wrongTries = 0
                return nil
            }
            state.wrongTries += 1
            return Self.maximumWrongTries - state.wrongTries
        }
        if let left { throw KeyStoreError(.pinIncorrect, "the PIN for \(name) is wrong", triesLeft: left) }
    }
}
