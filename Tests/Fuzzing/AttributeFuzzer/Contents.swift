@testable import PKCS11KeyStore

/// All that a record consists of, to compare two.
struct Contents: Equatable {
    private let numbers: [UInt?]
    private let values: [[UInt8]?]
    private let flags: [Bool]
    private let curve: Curve?
    private let allowedMechanisms: Mechanisms

    init(_ record: ObjectRecord) {
        numbers = [record.handle, record.objectClass, record.keyType]
        values = [
            record.id, record.label, record.point, record.modulus, record.publicExponent, record.publicKeyInfo,
        ]
        flags = [
            record.isExtractable, record.alwaysAuthenticates, record.canSign, record.canDecrypt, record.canDerive,
            record.isPrivateObject,
        ]
        curve = record.curve
        allowedMechanisms = record.allowedMechanisms
    }
}
