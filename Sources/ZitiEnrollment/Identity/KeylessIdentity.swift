import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder
import class FoundationEssentials.JSONEncoder

/// The identity file of an enrollment without a key: which controller, whom to trust, and how to log in there.
///
/// The same file as `IdentityFile`, without `id.key` and `id.cert`. It holds no password.
struct KeylessIdentity: Sendable {
    let controller: ControllerAddress
    let controllerAPIs: [String]
    let authorities: [[UInt8]]
    let method: EnrollmentMethod
    let identityID: String
    let username: String?

    /// The file's JSON: one line, and a newline.
    func json() throws(EnrollmentError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let contents = Contents(
            ztAPI: controller.clientAPI, ztAPIs: controllerAPIs.isEmpty ? nil : controllerAPIs,
            id: ["ca": PEMText.prefix + CertificateList.pem(authorities)],
            zitiKeystore: .init(
                method: method.rawValue, identity: identityID.isEmpty ? nil : identityID, username: username))
        do {
            return Array(try encoder.encode(contents)) + [0x0A]
        } catch {
            throw EnrollmentError(.defect, "the identity cannot be encoded")
        }
    }

    /// The method of the enrollment that wrote the file; nil for a file that is no such identity's.
    static func method(in bytes: [UInt8]) -> String? {
        guard let read = try? JSONDecoder().decode(Read.self, from: Data(bytes)), read.id.key == nil,
            read.id.cert == nil
        else { return nil }
        return PlainText.clean(read.zitiKeystore.method)
    }

    private struct Read: Decodable {
        struct Credentials: Decodable {
            let key: String?
            let cert: String?
        }
        struct Extras: Decodable { let method: String }
        let id: Credentials
        let zitiKeystore: Extras
    }

    private struct Contents: Encodable {
        struct Extras: Encodable {
            let method: String
            let identity: String?
            let username: String?
        }

        let ztAPI: String
        let ztAPIs: [String]?
        let id: [String: String]
        let zitiKeystore: Extras

        private enum CodingKeys: CodingKey { case ztAPI, ztAPIs, configTypes, id, enableHa, zitiKeystore }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(ztAPI, forKey: .ztAPI)
            try values.encode(ztAPIs, forKey: .ztAPIs)
            try values.encodeNil(forKey: .configTypes)
            try values.encode(id, forKey: .id)
            try values.encode(false, forKey: .enableHa)
            try values.encode(zitiKeystore, forKey: .zitiKeystore)
        }
    }
}
