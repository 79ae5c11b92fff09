import CP11Kit
import Testing

@testable import PKCS11KeyStore

/// What is lent to a module.
struct AttributeTemplateTests {
    private func lengths(_ template: inout AttributeTemplate) -> [CK_ULONG] {
        var lengths: [CK_ULONG] = []
        _ = template.withAttributes { list, count in
            lengths = UnsafeBufferPointer(start: list, count: Int(count)).map(\.ulValueLen)
            return CK_RV(CKR_OK)
        }
        return lengths
    }

    @Test func whatAModuleLeavesInATemplateIsNotBelieved() {
        var template = AttributeTemplate()
        template.add(CK_ATTRIBUTE_TYPE(CKA_ID), [1, 2, 3])
        template.add(CK_ATTRIBUTE_TYPE(CKA_LABEL), [])
        _ = template.withAttributes { list, count in
            for index in 0..<Int(count) {
                list?[index] = CK_ATTRIBUTE(type: 0, pValue: nil, ulValueLen: .max)
            }
            return CK_RV(CKR_OK)
        }
        #expect(lengths(&template) == [3, 0])
        template.removeAll { type, value in type == CKA_ID && value.elementsEqual([1, 2, 3]) }
        #expect(lengths(&template) == [0])
    }
}
