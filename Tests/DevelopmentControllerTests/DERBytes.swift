import SwiftASN1

/// The DER encoding of anything that has one.
enum DERBytes {
    static func of(_ value: some DERSerializable) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(value)
        return serializer.serializedBytes
    }
}
