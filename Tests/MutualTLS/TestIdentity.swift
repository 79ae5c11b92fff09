import Foundation
public import KeyStoreCore
public import ZitiEnrollment

/// Identity files for keys that no controller enrolled.
public enum TestIdentity {
    /// An identity file whose certificate and trusted authority are of `authority`.
    public static func file(
        _ publicKey: PublicKey, _ authority: TestAuthority, controllers: [String] = ["https://localhost:1280"],
        algorithms: [SignatureAlgorithm]? = nil
    ) throws -> IdentityFile {
        var object: [String: Any] = [
            "ztAPI": controllers[0], "ztAPIs": controllers,
            "id": [
                "key": "memory:none",
                "cert": TestAuthority.pem("CERTIFICATE", try authority.client(publicKey)), "ca": authority.pem,
            ],
        ]
        if let algorithms { object["zitiKeystore"] = ["algorithms": algorithms.map(\.rawValue)] }
        return try IdentityFile(json: Array(JSONSerialization.data(withJSONObject: object)))
    }

    /// The file of an identity that is enrolled, with the addresses of its controllers changed.
    public static func file(_ path: String, controllers: [String]) throws -> IdentityFile {
        let data = try Data(contentsOf: URL(filePath: path))
        guard var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw CocoaError(.fileReadCorruptFile)
        }
        object["ztAPI"] = controllers[0]
        object["ztAPIs"] = controllers
        return try IdentityFile(json: Array(JSONSerialization.data(withJSONObject: object)))
    }
}
