import CKeyStore
import KeyStoreBridge
import KeyStoreCore

extension PluginTable {
    static func addURIFunctions(to table: inout keystore_plugin) {
        table.describe_uri = { plugin, uri, sink, context, error in
            run("read reference", error) { () throws(KeyStoreError) in
                let info = try object(plugin, as: PluginBox.self).type.describe(try reference(uri))
                info.withC { sink?(context, $0) }
            }
        }
        table.match_uri = { plugin, pattern, candidate, matches, error in
            run("compare references", error) { () throws(KeyStoreError) in
                let type = try object(plugin, as: PluginBox.self).type
                matches?.pointee = try type.uri(try reference(pattern), matches: try reference(candidate)) ? 1 : 0
            }
        }
    }

    static func addStoreFunctions(to table: inout keystore_plugin) {
        table.open_store = { plugin, request, host, store, error in
            run("open store", error) { () throws(KeyStoreError) in
                guard let request, let store else { throw KeyStoreError(.invalidData, "the program passed no request") }
                let host = try BridgedHost(host)
                let type = try object(plugin, as: PluginBox.self).type
                let backend = try type.init(opening: try OpenRequest(checking: request), host: host)
                store.pointee = Unmanaged.passRetained(StoreBox(backend, host: host)).toOpaque()
            }
        }
        table.close_store = { store in
            guard let store else { return }
            Unmanaged<StoreBox>.fromOpaque(store).takeRetainedValue().backend.close()
        }
        table.list_tokens = { store, all, sink, context, error in
            run("list tokens", error) { () throws(KeyStoreError) in
                try object(store, as: StoreBox.self).backend.forEachToken(all: all != 0) { token in
                    token.withC { sink?(context, $0) ?? 1 } == 0
                }
            }
        }
        table.open_session = { store, flags, host, session, error in
            run("open session", error) { () throws(KeyStoreError) in
                guard let session else {
                    throw KeyStoreError(.invalidData, "the program passed no place for the session")
                }
                let host = try BridgedHost(host)
                let backend = try object(store, as: StoreBox.self).backend
                let opened = try backend.openSession(SessionOptions(boundaryFlags: flags), host: host)
                session.pointee = Unmanaged.passRetained(SessionBox(opened, host: host)).toOpaque()
            }
        }
    }
}
