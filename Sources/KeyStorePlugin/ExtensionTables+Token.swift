import CKeyStore
import KeyStoreBridge
import KeyStoreCore

/// The tables of what stores do with tokens as a whole.
extension ExtensionTables {
    static func administering() -> keystore_administration_v1 {
        var table = keystore_administration_v1()
        table.size = UInt32(MemoryLayout<keystore_administration_v1>.size)
        table.init_token = { store, label, host, sink, context, error in
            run("initialise token", error) { () throws(KeyStoreError) in
                guard let label = try? label.text("a label", limit: 1024) else {
                    throw KeyStoreError(.invalidData, "the label is too long, or not UTF-8 text")
                }
                let token = try administrator(store).initialiseToken(label: label, host: try BridgedHost(host))
                _ = token.withC { sink?(context, $0) }
            }
        }
        table.set_pin = { store, host, error in
            run("set PIN", error) { () throws(KeyStoreError) in
                try administrator(store).setPIN(host: try BridgedHost(host))
            }
        }
        table.change_pin = { store, user, host, error in
            run("change PIN", error) { () throws(KeyStoreError) in
                guard let user = TokenUser(rawValue: user) else {
                    throw KeyStoreError(.invalidData, "the program does not say whose PIN it means")
                }
                try administrator(store).changePIN(of: user, host: try BridgedHost(host))
            }
        }
        table.unblock_pin = { store, host, error in
            run("unblock PIN", error) { () throws(KeyStoreError) in
                try administrator(store).unblockPIN(host: try BridgedHost(host))
            }
        }
        table.set_retries = { store, pinTries, pukTries, host, error in
            run("set tries", error) { () throws(KeyStoreError) in
                try administrator(store).setRetries(
                    pinTries: Int(pinTries), pukTries: Int(pukTries), host: try BridgedHost(host))
            }
        }
        table.reset = { store, host, sink, context, error in
            run("reset token", error) { () throws(KeyStoreError) in
                let token = try administrator(store).reset(host: try BridgedHost(host))
                _ = token.withC { sink?(context, $0) }
            }
        }
        table.change_management_key = { store, algorithm, host, error in
            run("change management key", error) { () throws(KeyStoreError) in
                guard let algorithm = try? algorithm.text("an algorithm", limit: 64) else {
                    throw KeyStoreError(.invalidData, "the algorithm's name is too long, or not UTF-8 text")
                }
                try administrator(store).changeManagementKey(
                    algorithm: algorithm.isEmpty ? nil : algorithm, host: try BridgedHost(host))
            }
        }
        return table
    }

    static func watching() -> keystore_watch_v1 {
        var table = keystore_watch_v1()
        table.size = UInt32(MemoryLayout<keystore_watch_v1>.size)
        table.open = { store, watch, error in
            run("watch tokens", error) { () throws(KeyStoreError) in
                guard let watch else { throw KeyStoreError(.invalidData, "the program passed no place for the watch") }
                let backend: any WatchingBackend = try abilityStore(store)
                watch.pointee = Unmanaged.passRetained(WatchBox(try backend.makeWatch())).toOpaque()
            }
        }
        table.wait = { watch, timeout, sink, context, error in
            run("watch tokens", error) { () throws(KeyStoreError) in
                try object(watch, as: WatchBox.self).watch.wait(timeoutMilliseconds: timeout) { event in
                    let kind: Int32 =
                        switch event {
                        case .inserted: KEYSTORE_TOKEN_INSERTED
                        case .removed: KEYSTORE_TOKEN_REMOVED
                        }
                    event.token.withC { sink?(context, UInt32(kind), $0) }
                }
            }
        }
        table.close = { watch in
            guard let watch else { return }
            Unmanaged<WatchBox>.fromOpaque(watch).takeRetainedValue().watch.close()
        }
        return table
    }
}

/// What a `watch` pointer points to.
private final class WatchBox {
    let watch: any BackendTokenWatch
    init(_ watch: any BackendTokenWatch) { self.watch = watch }
}

private func administrator(_ store: UnsafeMutableRawPointer?) throws(KeyStoreError) -> any AdministeringBackend {
    try abilityStore(store)
}

/// The store as one with the ability. A backend that declares an ability and lacks it is its author's mistake.
private func abilityStore<Ability>(_ store: UnsafeMutableRawPointer?) throws(KeyStoreError) -> Ability {
    guard let backend = try object(store, as: StoreBox.self).backend as? Ability else {
        throw KeyStoreError(.unsupportedOperation, "this backend declares an ability that it lacks")
    }
    return backend
}
