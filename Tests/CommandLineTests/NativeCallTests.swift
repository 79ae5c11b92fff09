import Testing

@testable import ziti_keystore

/// Native calls, counted by what backends tell of them.
struct NativeCallTests {
    @Test func aCallThatIsToldInTwoLinesIsOne() {
        let counter = NativeCallCounter()
        counter.add("1 m.so p11_kit_module_initialize()")
        counter.add("1 m.so p11_kit_module_initialize = CKR_OK, 0.1 ms")
        counter.add("2 m.so C_OpenSession(slot: 1)")
        counter.add("2 m.so C_OpenSession = CKR_OK, session: 1, 0.081 ms")
        #expect(counter.take() == 2)
        counter.add("4 m.so C_Sign(session: 1)")
        counter.add("3 m.so C_Sign(session: 2)")
        counter.add("4 m.so C_Sign = CKR_OK, 0.081 ms")
        counter.add("3 m.so C_Sign = CKR_OK, 0.081 ms")
        #expect(counter.take() == 2)
        #expect(counter.take() == 0)
        #expect(counter.unit == "PKCS#11 calls")
    }

    @Test func aLineThatBeginsWithTheNameIsACallOfItsOwn() {
        let counter = NativeCallCounter()
        #expect(counter.unit == nil)
        counter.add("")
        for _ in 0..<5 { counter.add("APDU 00 a4 04 00 -> 9000, 1.2 ms") }
        #expect(counter.take() == 5)
        counter.add("APDU 00 87 11 9c -> 9000")
        counter.add("APDU")
        #expect(counter.take() == 2)
        #expect(counter.unit == "APDUs")
        let calls = NativeCalls(unit: "APDUs", steps: KeySteps(open: 4, login: 1, find: 0), sign: 2)
        #expect(calls.text == "APDUs 4, 1, 0 / 2")
    }
}
