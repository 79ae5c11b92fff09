import FoundationEssentials
import Glibc
import KeyStoreCore
import SwiftASN1
import X509

extension IdentityFile {
    /// Reads an identity file, written by this library or by the Go or C SDK: the address with or without the client API's
    /// path, certificates with or without `pem:`. Throws `identityInvalid`, naming the field, also where certificates stand in
    /// files of their own: only `init(path:)` opens these.
    public init(json bytes: [UInt8]) throws(EnrollmentError) { try self.init(json: bytes, opensFiles: false) }

    private init(json bytes: [UInt8], opensFiles: Bool) throws(EnrollmentError) {
        guard bytes.count <= Self.maximumLength else {
            throw Self.invalid("is longer than \(Self.maximumLength) bytes")
        }
        // The decoder would also read UTF-16, in which there are zeros, as the looks below do not.
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw Self.invalid("is no text in UTF-8")
        }
        guard bytes.contains(where: { $0 > 0x20 }) else { throw Self.invalid("is empty") }
        if let flaw = JSONOutline.flaw(in: bytes) { throw Self.invalid(flaw.text) }
        let contents: IdentityContents
        do {
            contents = try JSONDecoder().decode(IdentityContents.self, from: Data(bytes))
        } catch let error as DecodingError {
            if let method = KeylessIdentity.method(in: bytes) {
                throw Self.invalid("holds no key and no certificate: it was enrolled with the method '\(method)'")
            }
            throw Self.invalid(Self.reason(error))
        } catch {
            throw Self.invalid("is no JSON")
        }
        guard let controller = ControllerAddress(contents.ztAPI, allowsClientAPI: true) else {
            throw Self.invalid(
                "names no controller: 'ztAPI', or one of 'ztAPIs', must be https://HOST:PORT, with or without the API's path"
            )
        }
        guard !contents.id.key.isEmpty else { throw Self.invalid("has an empty 'id.key'") }
        let extras = contents.zitiKeystore
        var files: [String] = []
        func certificates(_ text: String, _ field: String) throws(EnrollmentError) -> [[UInt8]] {
            let file = PEMText.isPEM(text) ? nil : CertificateReference.path(text)
            if let file { files.append(file) }
            return try Self.certificates(text, field, file, opensFiles: opensFiles)
        }
        self.init(
            controller: controller, controllerAPIs: contents.ztAPIs ?? [], key: contents.id.key,
            certificates: try certificates(contents.id.cert, "id.cert"),
            authorities: try certificates(contents.id.ca, "id.ca"),
            extras: IdentityExtras(
                fallbackReason: extras?.fallbackReason, fallbackFor: extras?.fallbackFor,
                algorithms: extras?.algorithms?.map { SignatureAlgorithm(rawValue: $0.value) }))
        form = IdentityForm(
            addressHasPath: contents.ztAPI != controller.text && contents.ztAPI != controller.text + "/",
            pemHasPrefix: [contents.id.cert, contents.id.ca].contains { $0.hasPrefix(PEMText.prefix) })
        certificateFiles = files
        others = contents.others
        otherCredentials = contents.id.others
    }

    /// Reads the identity file at the path, and the files of certificates that it names. Throws `identityInvalid` if one of them
    /// cannot be opened, too.
    public init(path: String) throws(EnrollmentError) {
        let bytes: [UInt8]
        do throws(SystemFailure) {
            bytes = try FileDescriptor.open(path, O_RDONLY).readAll(maximumLength: Self.maximumLength)
        } catch {
            throw EnrollmentError(
                .identityInvalid, "the identity file '\(path)' cannot be read: \(error)", underlying: error)
        }
        try self.init(json: bytes, opensFiles: true)
    }

    /// The file's JSON: one line, and a newline, in the form in which it was read. Holds what `key` holds, and the certificates
    /// themselves.
    public func json() throws(EnrollmentError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let contents = IdentityContents(
            ztAPI: form.address(controller), ztAPIs: controllerAPIs.isEmpty ? nil : controllerAPIs,
            id: .init(
                key: key, cert: form.pem(CertificateList.pem(certificates)),
                ca: form.pem(CertificateList.pem(authorities)), others: otherCredentials),
            zitiKeystore: extras.isEmpty
                ? nil
                : .init(
                    fallbackReason: extras.fallbackReason, fallbackFor: extras.fallbackFor,
                    algorithms: extras.algorithms?.map { .init($0.rawValue) }),
            others: others)
        do {
            return Array(try encoder.encode(contents)) + [0x0A]
        } catch {
            throw EnrollmentError(.defect, "the identity cannot be encoded")
        }
    }

    private static func certificates(
        _ text: String, _ field: String, _ file: String?, opensFiles: Bool
    ) throws(EnrollmentError) -> [[UInt8]] {
        let pem: String
        if let own = PEMText.strip(text) {
            pem = own
        } else if let file {
            guard opensFiles else { throw invalid("names the file '\(file)' in '\(field)', which is not opened here") }
            let contents: String?
            do throws(SystemFailure) { contents = try CertificateReference.read(file) } catch {
                throw invalid("names '\(file)' in '\(field)', which cannot be read: \(error)")
            }
            guard let contents else { throw invalid("names '\(file)' in '\(field)', which is no regular file") }
            pem = contents
        } else {
            throw invalid(
                "neither holds certificates in PEM in '\(field)' nor names a file of them by its absolute path")
        }
        guard let certificates = CertificateList.parse(pem: pem) else {
            throw invalid(
                file.map {
                    "names '\($0)' in '\(field)', which is not a file of certificates in PEM and of nothing else"
                }
                    ?? "holds what is no certificate, or none, in '\(field)'")
        }
        var encoded: [[UInt8]] = []
        for certificate in certificates { encoded.append(try certificate.derBytes) }
        return encoded
    }

    // The decoder's own words may repeat a part of the file, and with it a secret.
    private static func reason(_ error: DecodingError) -> String {
        func name(_ path: [any CodingKey]) -> String {
            let text = path.reduce("") { text, key in
                key.intValue.map { "\(text)[\($0)]" } ?? (text.isEmpty ? "" : text + ".") + key.stringValue
            }
            return PlainText.clean(text)
        }
        switch error {
        case .keyNotFound(let key, let context): return "lacks '\(name(context.codingPath + [key]))'"
        case .valueNotFound(_, let context) where !context.codingPath.isEmpty:
            return "has nothing in '\(name(context.codingPath))'"
        case .typeMismatch(_, let context) where !context.codingPath.isEmpty:
            return "has a value of the wrong kind in '\(name(context.codingPath))'"
        case .valueNotFound, .typeMismatch: return "is no JSON object"
        // A number that does not fit, in a text that is JSON.
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "has a value that cannot be read in '\(name(context.codingPath))'"
        default: return "is no JSON, or was cut short"
        }
    }

    private static func invalid(_ reason: String) -> EnrollmentError {
        EnrollmentError(.identityInvalid, "the identity file \(reason)")
    }
}
