import KeyStoreCore
import Testing

struct PINTests {
    @Test func aPINPrintsAsAMask() throws {
        let pin = try PIN("4711")
        var dumped = ""
        dump(pin, to: &dumped)
        dump([pin], to: &dumped)
        dump(Optional(pin), to: &dumped)
        for text in ["\(pin)", String(describing: pin), String(reflecting: pin), "\([pin])", dumped] {
            #expect(!text.contains("4711"))
            #expect(text.contains(KeyStoreURI.mask))
        }
        #expect(Mirror(reflecting: pin).children.isEmpty)
        dumped = ""
        dump(PINSource.value(pin), to: &dumped)
        #expect(!dumped.contains("4711"))
    }

    @Test func aPINHoldsTheBytesItWasMadeOf() throws {
        #expect(try PIN("pïn").withBytes { Array($0) } == Array("pïn".utf8))
        #expect(try PIN("pïn").count == 4)
        let empty = try PIN("")
        #expect(empty.isEmpty && empty.withBytes { $0.count } == 0)
        let bytes: [UInt8] = [0, 255, 0]
        let pin = try bytes.withUnsafeBytes { try PIN($0) }
        #expect(pin.withBytes { Array($0) } == bytes)
        #expect(!pin.isEmpty)
    }

    @Test func aSecretThatIsTooLongIsInvalidData() throws {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: PIN.maximumLength + 1, alignment: 1)
        defer { bytes.deallocate() }
        bytes.initializeMemory(as: UInt8.self, repeating: 1)
        let tooLong = UnsafeRawBufferPointer(bytes)
        let longest = try PIN(UnsafeRawBufferPointer(rebasing: tooLong.dropLast()))
        #expect(longest.count == PIN.maximumLength)
        #expect(throws: KeyStoreError(.invalidData, "")) { try PIN(tooLong) }
        #expect(throws: KeyStoreError(.invalidData, "")) {
            try PIN(String(repeating: "x", count: PIN.maximumLength + 1))
        }
    }

    @Test func wipingMakesEveryByteZero() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
        PIN.wipe(UnsafeMutableRawBufferPointer(rebasing: memory[10..<90]))
        #expect(memory[10..<90].allSatisfy { $0 == 0 })
        #expect(memory[..<10].allSatisfy { $0 == 0xA5 } && memory[90...].allSatisfy { $0 == 0xA5 })
        PIN.wipe(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }

    @Test func noSourceIsPinRequiredAndNamesWhatNeedsOne() {
        let request = PINRequest(kind: .pin, subject: "token A", uri: "x:a?pin=4711")
        let error = #expect(throws: KeyStoreError.self) { try PINSource.none.pin(for: request) }
        #expect(error?.code == .pinRequired)
        #expect(error?.message.contains("token A") == true)
        #expect(error?.subject.contains("4711") == false)
    }

    @Test func aSourceAnswersWithItsSecretOrItsError() throws {
        let request = PINRequest(kind: .passphrase, subject: "a", uri: "x:a")
        let pin = try PIN("4711")
        #expect(try PINSource.value(pin).pin(for: request) === pin)
        let refusing = PINSource.callback("a person") { _ throws(KeyStoreError) in throw KeyStoreError(.cancelled, "no")
        }
        #expect(refusing.description == "a person")
        #expect(throws: KeyStoreError(.cancelled, "")) { try refusing.pin(for: request) }
    }
}
