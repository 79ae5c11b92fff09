import KeyStoreCore

@testable import PKCS11KeyStore

/// What is true of every reference, whatever stands in it. Ends the process where something is not.
enum URIProperties {
    static func hold(for bytes: [UInt8]) {
        percentEncodingComesBack(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        if let uri = try? KeyStoreURI(text) {
            demand(try? KeyStoreURI(uri.text) == uri, "a reference reads as another one: \(uri.text)")
            normalFormIsFixed(uri)
            openZitiNumbersAreAsWritten(uri)
        }
        noSecretIsShown(bytes)
    }

    private static func percentEncodingComesBack(_ bytes: [UInt8]) {
        for all in [false, true] {
            demand(
                (try? PercentEncoding.decode(PercentEncoding.encode(bytes, all: all))) == bytes,
                "bytes come back as others from percent-encoding")
        }
        // Whatever it is, decoding makes it no longer.
        if let decoded = try? PercentEncoding.decode(String(decoding: bytes, as: UTF8.self)) {
            demand(decoded.count <= 3 * bytes.count, "decoding made bytes")
        }
    }

    /// The normal form means the same and is its own normal form.
    private static func normalFormIsFixed(_ uri: KeyStoreURI) {
        // One that is too long when everything is encoded has none.
        guard let read = try? PKCS11URI(uri), let normal = try? read.normalForm() else { return }
        demand(normal.text.utf8.allSatisfy { $0 < 0x80 }, "the normal form is not ASCII: \(normal.text)")
        guard let again = try? PKCS11URI(normal), let same = try? again.normalForm() else {
            fatalError("the normal form cannot be read: \(normal.text)")
        }
        demand(same.text == normal.text, "the normal form has another normal form: \(normal.text), \(same.text)")
        demand(again.path == read.path, "the normal form has other attributes: \(normal.text)")
        demand(again.modulePath == read.modulePath, "the normal form names another module: \(normal.text)")
        demand(again.moduleName == read.moduleName, "the normal form names another module: \(normal.text)")
        demand(again.switches == read.switches, "the normal form has other switches: \(normal.text)")
        demand(again.warnings.isEmpty, "the normal form is warned about: \(normal.text), \(again.warnings)")
        demand(read.matches(again) && again.matches(read), "a reference does not match its normal form: \(normal.text)")
        if case .file(let file) = read.pin {
            guard case .file(file) = again.pin else { fatalError("the normal form loses a PIN's file: \(normal.text)") }
        } else {
            demand(again.pin == nil, "the normal form has a PIN: \(normal.text)")
        }
        for (attribute, value) in read.path {
            demand(value.count <= attribute.maximumLength, "the value of \(attribute.rawValue) is too long")
            demand(
                !attribute.isText || String(validating: value, as: UTF8.self) != nil,
                "the value of \(attribute.rawValue) is not text")
        }
        demand(read.modulePath?.hasPrefix("/") != false, "a module's path is not absolute")
        demand(read.moduleName.map(ModuleName.isValid) != false, "a module's name is none")
        // For a person; must not trap on what is strange.
        demand(read.attributes.allSatisfy { !$0.name.isEmpty }, "an attribute has no name")
    }

    /// Numbers in OpenZiti's form consist of digits; Swift's own readers take a sign.
    private static func openZitiNumbersAreAsWritten(_ uri: KeyStoreURI) {
        guard PKCS11URI.isOpenZitiForm(uri), let read = try? PKCS11URI(uri) else { return }
        if let id = read.path[.id] {
            let written = (try? uri.queryText("id")) ?? nil
            demand(written?.lowercased() == Hex.encode(id), "an id is read as another: \(uri.text)")
        }
        demand(read.path[.slotID] == nil || !read.namesObject, "a slot is demanded beside an object: \(uri.text)")
    }

    /// Puts a PIN wherever the text has room for one, and looks for it in everything that is shown.
    private static func noSecretIsShown(_ bytes: [UInt8]) {
        guard let planted = PlantedSecret(in: bytes) else { return }
        planted.mustNotBe(in: KeyStoreURI.redact(planted.text))
        do {
            let uri = try KeyStoreURI(planted.text)
            planted.mustNotBe(in: "\(uri)")
            let info = try PKCS11Backend.describe(uri)
            planted.mustNotBe(in: "\(info)")
        } catch {
            planted.mustNotBe(in: "\(error) \(error.operation) \(error.subject) \(error.message)")
        }
    }

    private static func demand(_ condition: Bool?, _ complaint: @autoclosure () -> String) {
        if condition != true { fatalError(complaint()) }
    }
}
