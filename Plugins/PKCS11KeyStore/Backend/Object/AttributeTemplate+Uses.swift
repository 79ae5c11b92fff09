import CP11Kit

extension AttributeTemplate {
    /// Says nothing of what a key is not for.
    mutating func leaveDeniedUsesUnsaid() {
        removeAll { type, value in Self.uses.contains(type) && value.elementsEqual([0]) }
    }

    private static let uses: Set<CK_ATTRIBUTE_TYPE> = [
        CKA_SIGN, CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_ENCRYPT,
        CKA_WRAP,
    ]
}
