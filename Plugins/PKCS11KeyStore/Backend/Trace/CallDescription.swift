import CP11Kit
import KeyStoreCore
import Synchronization

/// A call into a module, in two lines: what was asked, and what came of it.
///
/// Nothing secret comes in here. PINs are masked, their lengths too. Of attributes only those are written that are public by
/// their meaning; of data only lengths.
struct CallDescription {
    private static let counter = Atomic<Int>(0)

    private let call: String
    private var arguments: [String] = []
    private var results: [String] = []
    private var outcome: String?
    private var duration = ""

    /// `module` is a path or a name; the last part of it is enough to tell modules apart.
    init(of function: StaticString, in module: String) {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        let file = module.split(separator: "/").last ?? "?"
        call = "\(number) \(file) \(function)"
    }

    /// "17 libsofthsm2.so C_Sign(session: 1, data: 32 bytes)". The number is the call's in this process.
    var beginning: String { "\(call)(\(arguments.joined(separator: ", ")))" }

    /// "17 libsofthsm2.so C_Sign = CKR_OK, signature: 64 bytes, 0.081 ms".
    var end: String { "\(call) = " + ([outcome ?? ""] + results + [duration]).joined(separator: ", ") }

    /// Notes what the function returned. What is added afterwards is its results.
    mutating func finish(_ result: CK_RV, after time: Duration) {
        let name = ReturnValueName.of(result)
        outcome = name.isEmpty || name == "CKR_VENDOR_DEFINED" ? "0x" + String(result, radix: 16) : name
        let microseconds = time / .microseconds(1)
        let thousandths = String(Int(microseconds) % 1000 + 1000).dropFirst()
        duration = "\(Int(microseconds) / 1000).\(thousandths) ms"
    }

    // MARK: Items

    mutating func add(_ name: StaticString, _ value: String) {
        let item = "\(name): \(value)"
        if outcome == nil { arguments.append(item) } else { results.append(item) }
    }

    mutating func add(_ name: StaticString, _ value: CK_ULONG) {
        add(name, value == CK_ULONG.max ? "unavailable" : String(value))
    }

    mutating func add(_ name: StaticString, _ version: CK_VERSION) {
        add(name, "\(version.major).\(version.minor)")
    }

    mutating func add(_ name: StaticString, _ flags: CK_FLAGS, _ names: FlagNames) {
        add(name, names.text(flags))
    }

    mutating func add(_ name: StaticString, bytes length: CK_ULONG) {
        add(name, length == CK_ULONG.max ? "unavailable" : "\(length) bytes")
    }

    /// How much data there is, or room for how much.
    mutating func add(_ name: StaticString, lengthOf data: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG) {
        if data == nil { add(name, "NULL") } else { add(name, bytes: length) }
    }

    /// Whether there is a PIN, which is all that may be told.
    mutating func add(_ name: StaticString, secret: UnsafeMutablePointer<UInt8>?) {
        add(name, secret == nil ? "NULL" : "***")
    }

    /// A fixed text field of a structure.
    mutating func add<Field>(_ name: StaticString, padded field: Field) {
        add(name, text: PaddedText.bytes(field))
    }

    mutating func add(_ name: StaticString, text bytes: [UInt8]) {
        add(name, Self.quoted(bytes))
    }

    mutating func add(_ name: StaticString, _ numbers: UnsafeMutablePointer<CK_ULONG>, _ count: CK_ULONG) {
        add(name, Self.list(numbers, count) { String($0) })
    }

    mutating func add(
        _ name: StaticString, mechanisms: UnsafeMutablePointer<CK_MECHANISM_TYPE>, _ count: CK_ULONG
    ) {
        add(name, Self.list(mechanisms, count, limit: 1024) { MechanismName.of($0) })
    }

    mutating func add(_ name: StaticString, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>) {
        add(name, MechanismDescription.text(mechanism.pointee))
    }

    mutating func add(_ name: StaticString, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG) {
        add(name, Self.attributes(template, count) { AttributeDescription.text($0, room: $0.ulValueLen) })
    }

    /// A template whose values a module has written, and how many bytes there were for each.
    mutating func add(
        _ name: StaticString, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, room: [CK_ULONG]
    ) {
        var room = room[...]
        add(name, Self.attributes(template, count) { AttributeDescription.text($0, room: room.popFirst() ?? 0) })
    }

    /// A template whose values are still to be read.
    mutating func add(
        _ name: StaticString, roomIn template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG
    ) {
        add(name, Self.attributes(template, count, AttributeDescription.room))
    }

    // MARK: Text

    private static func attributes(
        _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ text: (CK_ATTRIBUTE) -> String
    ) -> String {
        guard let template else { return "NULL" }
        return "[" + (0..<Int(count)).map { text(template[$0]) }.joined(separator: ", ") + "]"
    }

    private static func list<Number>(
        _ numbers: UnsafeMutablePointer<Number>, _ count: CK_ULONG, limit: Int = 16, _ text: (Number) -> String
    ) -> String {
        let shown = min(Int(clamping: count), limit)
        let rest = Int(clamping: count) > shown ? " …" : ""
        return "[" + (0..<shown).map { text(numbers[$0]) }.joined(separator: " ") + rest + "]"
    }

    /// Bytes that should be text, in quotes, so that no line of a trace can be forged by a token.
    static func quoted(_ bytes: [UInt8]) -> String {
        var text = "\""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            default:
                let category = scalar.properties.generalCategory
                let isVisible =
                    scalar == " " || ![.control, .format, .lineSeparator, .paragraphSeparator].contains(category)
                text += isVisible ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text + "\""
    }
}
