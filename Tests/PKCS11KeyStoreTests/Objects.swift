import CP11Kit
import KeyStoreCore

@testable import PKCS11KeyStore

/// Changes that the backend itself never makes.
enum Objects {
    static func setAttribute(
        _ type: CK_ATTRIBUTE_TYPE, _ value: [UInt8], of object: CK_OBJECT_HANDLE, _ session: PKCS11Session
    ) throws {
        var template = AttributeTemplate()
        template.add(type, value)
        let set = session.cryptoki.list.pointee.C_SetAttributeValue!
        let result = template.withAttributes { set(session.handle, object, $0, $1) }
        if result != CKR_OK { throw KeyStoreError.pkcs11(result, "C_SetAttributeValue", during: "test") }
    }
}
