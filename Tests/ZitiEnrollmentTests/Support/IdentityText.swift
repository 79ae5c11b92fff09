import Foundation

@testable import ZitiEnrollment

/// The text of an identity file, whose members a test replaces by whatever JSON it likes, or by what is none.
struct IdentityText {
    private var members: [(name: String, value: String)]
    private var credentials: [(name: String, value: String)]

    /// A sound one, as Go's SDK would write it.
    init() throws {
        let recorded = try Recordings.answer("enroll-ott-success-json")
        let pem = try IssuedCertificate(ControllerAnswer(status: 200, contentType: "", body: recorded.body)).pem
        let text = Self.quoted("pem:" + pem)
        members = [
            ("ztAPI", #""https://ctrl:1280/edge/client/v1""#), ("ztAPIs", #"["https://ctrl:1280/edge/client/v1"]"#),
            ("configTypes", "null"), ("id", ""), ("enableHa", "false"),
            ("zitiKeystore", #"{"fallbackReason":"absent","algorithms":[1027]}"#),
        ]
        credentials = [("key", #""scheme:key?pin-value=topsecret""#), ("cert", text), ("ca", text)]
    }

    /// The text as a JSON string.
    static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    /// The value of a member: `ztAPI`, `id.cert`. Nil leaves it out.
    subscript(path: String) -> String? {
        get {
            path.hasPrefix("id.")
                ? credentials.first { "id.\($0.name)" == path }?.value : members.first { $0.name == path }?.value
        }
        set {
            if path.hasPrefix("id.") {
                Self.set(String(path.dropFirst(3)), newValue, in: &credentials)
            } else {
                Self.set(path, newValue, in: &members)
            }
        }
    }

    /// Adds a member, whatever is there.
    mutating func add(_ path: String, _ value: String) {
        if path.hasPrefix("id.") {
            credentials.append((String(path.dropFirst(3)), value))
        } else {
            members.append((path, value))
        }
    }

    private static func set(_ name: String, _ value: String?, in list: inout [(name: String, value: String)]) {
        let index = list.firstIndex { $0.name == name }
        switch (index, value) {
        case (let index?, let value?): list[index].value = value
        case (let index?, nil): list.remove(at: index)
        case (nil, let value?): list.append((name, value))
        case (nil, nil): break
        }
    }

    /// The file's text.
    var text: String {
        let id = credentials.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",")
        return "{"
            + members.map { "\"\($0.name)\":\($0.name == "id" && $0.value.isEmpty ? "{\(id)}" : $0.value)" }
            .joined(separator: ",") + "}\n"
    }

    /// The file's bytes.
    var bytes: [UInt8] { Array(text.utf8) }
}
