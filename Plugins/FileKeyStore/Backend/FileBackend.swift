import Glibc
public import KeyStoreCore
public import KeyStorePlugin

/// Private keys in PEM files. The folder stands for the token, and each key file in it for a key.
public final class FileBackend: Backend {
    /// The file backend: it signs in this process and waits for nothing.
    public static let info = BackendInfo(
        name: FileReference.scheme, version: "1.0.0", schemes: [FileReference.scheme],
        abilities: [.certificates, .deleting, .importing, .sdkReferences], computesOnly: true)

    private let path: AbsolutePath

    /// Normalises to `file:///abs`, resolving relative paths against the working directory. No path has attributes; of the
    /// query only `backend` is understood, and everything else is warned about by name.
    public static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo {
        let reference = try FileReference(uri)
        return URIInfo(
            normalised: try reference.path.uri,
            attributes: [URIInfo.Attribute(name: "path", value: reference.path.text)], warnings: reference.warnings)
    }

    /// A file matches its own path and its folder's. Links are not resolved.
    public static func uri(_ pattern: KeyStoreURI, matches candidate: KeyStoreURI) throws(KeyStoreError) -> Bool {
        let pattern = try FileReference(pattern).path
        let candidate = try FileReference(candidate).path
        return pattern == candidate || pattern == candidate.folder
    }

    /// Remembers the path. Nothing is read yet, as the file may be about to be made.
    public init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError) {
        path = try FileReference(request.uri).path
        if request.module != nil {
            host.notice(.warning("A file: reference needs no module; the one that was named is not loaded."))
        }
    }

    /// Describes the folder that the URI names or that holds the file it names; nothing if that is not there.
    public func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError) {
        let folder = folder
        guard FileStatus(following: folder)?.isFolder == true else { return }
        _ = body(try Self.token(folder))
    }

    /// Opens a session on the folder. A folder that is not there is found out by what looks for a key in it (`noSuchKey`)
    /// or makes one (`writeFailed`).
    public func openSession(
        _ options: SessionOptions, host: any BackendHost
    ) throws(KeyStoreError) -> any BackendSession {
        let session = FileSession(on: folder, options, host)
        if options.login == .atOnce, path != folder, FileStatus(following: path) != nil {
            _ = try session.key(at: path.uri)
        }
        return session
    }

    /// Does nothing: a folder is not held open.
    public func close() {}

    private var folder: AbsolutePath {
        FileStatus(following: path)?.isFolder == true ? path : path.folder
    }

    static func token(_ folder: AbsolutePath) throws(KeyStoreError) -> TokenInfo {
        let isWritable = folder.withCString { faccessat(AT_FDCWD, $0, W_OK | X_OK, AT_EACCESS) } == 0
        return TokenInfo(
            uri: try folder.uri, label: folder.nameText, model: "folder of key files", location: folder.text,
            flags: isWritable ? [.initialised] : [.initialised, .writeProtected])
    }
}
