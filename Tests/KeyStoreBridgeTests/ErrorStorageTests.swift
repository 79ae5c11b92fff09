import CKeyStore
import KeyStoreBridge
import KeyStoreCore
import Testing

struct ErrorStorageTests {
    private static let full = KeyStoreError(
        .pinIncorrect, "the PIN is wrong\n  x:a\n  x:b", operation: "log in",
        native: NativeError(domain: "PKCS#11", function: "C_Login", name: "CKR_PIN_INCORRECT", number: -160),
        triesLeft: 2)

    @Test func anErrorCrossesTheBoundaryWhole() {
        let storage = ErrorStorage()
        let status = Self.full.report(to: storage.pointer)
        #expect(status == KEYSTORE_E_PIN_INCORRECT)
        let error = storage.take(status: status)
        #expect(error.code == .pinIncorrect && error.message == Self.full.message && error.operation == "log in")
        #expect(error.native == Self.full.native && error.triesLeft == 2)
    }

    @Test func anErrorWithoutNativePartOrTriesHasNoneAfterwards() {
        let storage = ErrorStorage()
        let status = KeyStoreError(.busy, "m").report(to: storage.pointer)
        let error = storage.take(status: status)
        #expect(error.native == nil && error.triesLeft == nil && error.operation.isEmpty)
    }

    @Test func takingAnErrorLeavesNothingForTheNext() {
        let storage = ErrorStorage()
        _ = storage.take(status: Self.full.report(to: storage.pointer))
        let next = storage.take(status: KEYSTORE_E_BUSY)
        #expect(next.code == .busy && next.message == "no reason was given")
        #expect(next.native == nil && next.triesLeft == nil && next.operation.isEmpty)
    }

    @Test func whatASuccessfulCallLeftBehindIsNoPartOfTheNextError() {
        let storage = ErrorStorage()
        // Reported and not taken, as by a call that then came to KEYSTORE_OK.
        _ = Self.full.report(to: storage.pointer)
        let next = storage.pointer
        next.pointee.code = KEYSTORE_E_BUSY
        let error = storage.take(status: KEYSTORE_E_BUSY)
        #expect(error.message == "no reason was given" && error.native == nil && error.triesLeft == nil)
    }

    @Test func aMessagePointerThatWasReplacedIsNeitherReadNorFreed() {
        let own = strdupped("a string of the plugin's own")
        defer { own.deallocate() }
        do {
            let storage = ErrorStorage()
            storage.pointer.pointee.message = own
            storage.pointer.pointee.message_capacity = 1 << 30
            #expect(storage.take(status: KEYSTORE_E_BUSY).message == "no reason was given")
            _ = KeyStoreError(.busy, "mine").report(to: storage.pointer)
            #expect(storage.take(status: KEYSTORE_E_BUSY).message == "mine")
            storage.pointer.pointee.message = own
        }
        #expect(String(cString: own) == "a string of the plugin's own")
    }

    @Test func aMessageLongerThanTheStorageIsCutBetweenCharacters() {
        // 16383 bytes fit beside the NUL: 16382 of "x", and no half of "é".
        let storage = ErrorStorage()
        let long = String(repeating: "x", count: 16382) + "éé"
        let status = KeyStoreError(.busy, long, operation: String(repeating: "ü", count: 40)).report(
            to: storage.pointer)
        let error = storage.take(status: status)
        #expect(error.message == String(repeating: "x", count: 16382))
        #expect(error.operation == String(repeating: "ü", count: 31))
    }

    @Test func textWithoutAnEndIsReadToTheEndOfItsField() {
        let storage = ErrorStorage()
        let pointer = storage.pointer
        withUnsafeMutableBytes(of: &pointer.pointee.native_domain) { field in
            for index in field.indices { field[index] = 0x79 }
        }
        memset(pointer.pointee.message, 0x78, pointer.pointee.message_capacity)
        let error = storage.take(status: KEYSTORE_E_BUSY)
        #expect(error.message == String(repeating: "x", count: 16384))
        #expect(error.native?.domain == String(repeating: "y", count: 32))
    }

    @Test func textThatIsNotUTF8IsRepaired() {
        let storage = ErrorStorage()
        let pointer = storage.pointer
        pointer.pointee.message[0] = CChar(bitPattern: 0xFF)
        pointer.pointee.message[1] = 0x61
        pointer.pointee.message[2] = 0
        #expect(storage.take(status: KEYSTORE_E_BUSY).message == "\u{FFFD}a")
    }

    @Test(arguments: [0, 4, UInt32(MemoryLayout<keystore_error>.size) - 1])
    func storageThatIsTooSmallIsLeftAlone(_ size: UInt32) {
        var error = keystore_error()
        error.size = size
        error.code = 77
        #expect(Self.full.report(to: &error) == KEYSTORE_E_PIN_INCORRECT)
        #expect(error.code == 77 && error.native_number == 0 && error.operation.0 == 0)
    }

    @Test func largerStorageIsFilledAsFarAsItIsKnown() {
        let storage = ErrorStorage()
        storage.pointer.pointee.size += 64
        let pointer = storage.pointer
        pointer.pointee.size += 64
        #expect(Self.full.report(to: pointer) == KEYSTORE_E_PIN_INCORRECT)
        #expect(storage.take(status: KEYSTORE_E_PIN_INCORRECT).message == Self.full.message)
    }

    @Test func noStorageAndNoMessageBufferAreAllowed() {
        #expect(Self.full.report(to: nil) == KEYSTORE_E_PIN_INCORRECT)
        var error = keystore_error()
        error.size = UInt32(MemoryLayout<keystore_error>.size)
        #expect(Self.full.report(to: &error) == KEYSTORE_E_PIN_INCORRECT)
        #expect(error.code == KEYSTORE_E_PIN_INCORRECT && error.tries_left == 2)
        var byte: CChar = 0x55
        withUnsafeMutablePointer(to: &byte) { byte in
            error.message = byte
            for capacity in [0, -1] {
                error.message_capacity = capacity
                _ = Self.full.report(to: &error)
            }
        }
        #expect(byte == 0x55)
    }

    @Test func anErrorIsNeverReportedAsSuccess() {
        #expect(KeyStoreError(.init(rawValue: 0), "m").report(to: nil) == KEYSTORE_E_BACKEND_FAILURE)
        #expect(KeyStoreError(.init(rawValue: 4711), "m").report(to: nil) == 4711)
    }

    private func strdupped(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return copy
    }

    private func memset(_ pointer: UnsafeMutablePointer<CChar>?, _ byte: CChar, _ count: Int) {
        pointer?.update(repeating: byte, count: count)
    }
}
