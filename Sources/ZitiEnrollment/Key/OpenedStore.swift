import KeyStoreCore

/// A session, with the store under it where that has to be closed too.
struct OpenedStore {
    let session: any KeyStoreSession
    let owned: (any KeyStore)?

    /// Closes the session, and the store if it was opened for it.
    func close() async {
        await session.close()
        await owned?.close()
    }
}
