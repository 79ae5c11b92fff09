import KeyStoreCore
import KeyStorePlugin

/// A `pkcs11:` reference, read: RFC 7512, or the form that OpenZiti's SDKs write.
///
/// libp11-kit's parser is not used. It drops white space, takes the last of two equal attributes, accepts a PIN in the path,
/// and turns what it does not know into "matches nothing", where a person needs to be told the attribute's name.
struct PKCS11URI {
    /// The path attributes, decoded and checked. Text is UTF-8; `slot-id` is decimal without leading zeros, and
    /// `library-version` has both numbers, so that equal values are equal bytes.
    var path: [PathAttribute: [UInt8]] = [:]
    /// The module's file, absolute.
    var modulePath: String?
    /// The module's name, without `lib` and suffix.
    var moduleName: String?
    /// Where the PIN is, if the reference says so.
    var pin: PINReference?
    /// Query attributes that the loader acts on or that are switches, as written, to be kept in the normal form.
    var switches: [QueryAttribute: String] = [:]
    /// The slot that OpenZiti's form names beside an id or label; prefers one of several tokens, and demands nothing.
    var slotHint: UInt?
    /// What is ignored, out of date or dangerous, in sentences.
    var warnings: [String] = []

    /// Reads a reference. Throws `invalidURI` with the reason.
    init(_ uri: KeyStoreURI) throws(KeyStoreError) {
        do {
            if Self.isOpenZitiForm(uri) {
                try readOpenZitiForm(uri)
            } else {
                try readRFC7512(uri)
            }
        } catch {
            throw error.during("read reference", of: uri.text)
        }
    }

    /// A reference to an object or token that was found.
    init(path: [PathAttribute: [UInt8]], modulePath: String?) {
        self.path = path
        self.modulePath = modulePath
    }

    /// The label to look for, or nil for any.
    var label: [UInt8]? { path[.object] }
    /// The identifier to look for, or nil for any.
    var id: [UInt8]? { path[.id] }
    /// The type of object to look for, or nil for any.
    var type: ObjectType? { path[.type].flatMap { ObjectType(rawValue: String(decoding: $0, as: UTF8.self)) } }
    /// Whether anything is said about an object, so that not every object matches.
    var namesObject: Bool { id != nil || label != nil }

    /// Whether everything that this reference asks for is so in the other one. A module path counts where both have one, as
    /// a listing leaves it out for a module that the system configures.
    func matches(_ candidate: PKCS11URI) -> Bool {
        for (attribute, value) in path where candidate.path[attribute] != value { return false }
        if let modulePath, let other = candidate.modulePath, modulePath != other { return false }
        return true
    }

    static func invalid(_ reason: String) -> KeyStoreError { KeyStoreError(.invalidURI, reason) }
}
