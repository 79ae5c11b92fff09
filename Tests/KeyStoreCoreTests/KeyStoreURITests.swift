import KeyStoreCore
import Testing

struct KeyStoreURITests {
    @Test func aReferenceIsSchemePathAndQuery() throws {
        let uri = try KeyStoreURI("PKCS11:token=a%20b;object=c?module-path=/x?y&pin-source=file:/z")
        #expect(uri.scheme == "pkcs11")
        #expect(uri.path == "token=a%20b;object=c")
        #expect(uri.query == "module-path=/x?y&pin-source=file:/z")
        #expect(uri.text == "pkcs11:token=a%20b;object=c?module-path=/x?y&pin-source=file:/z")
    }

    @Test(arguments: ["a:", "a+b-c.9:x", "a:?", "a:#", "a:?#"])
    func oddButValidReferencesAreRead(_ text: String) throws {
        #expect(try KeyStoreURI(text).text == text)
    }

    @Test(arguments: [
        "", "a", ":", ":a", "1a:b", "-a:b", "a_b:c", "a~:c", "a b:c", "é:c", "\u{212A}ey:c", "a%62:c", "/a:b",
        "a:b c", "a:\t", "a:\n", "a:b\u{7F}", "a:\u{0}", " a:b", "a:b ", "a:b\r\n",
    ])
    func whatIsNoReferenceIsRefused(_ text: String) {
        #expect(throws: KeyStoreError(.invalidURI, "")) { try KeyStoreURI(text) }
    }

    @Test func aReferenceOf8192BytesIsReadAndALongerOneIsNot() throws {
        let longest = "a:" + String(repeating: "x", count: 8190)
        #expect(try KeyStoreURI(longest).text.utf8.count == 8192)
        #expect(throws: KeyStoreError(.invalidURI, "")) { try KeyStoreURI(longest + "x") }
    }

    @Test func aCombiningMarkHidesNoSeparator() throws {
        let uri = try KeyStoreURI("a:x=1;\u{301}y=2?\u{301}z=\u{301}3&\u{301}w=4")
        #expect(uri.query == "\u{301}z=\u{301}3&\u{301}w=4")
        #expect(try uri.pathAttributes().map(\.name) == ["x", "\u{301}y"])
        #expect(try uri.queryAttributes().map(\.value) == ["\u{301}3", "4"])
    }

    @Test func attributesKeepTheirOrderAndTheirCase() throws {
        let uri = try KeyStoreURI("a:object=o;Object=p;flag;empty=;id=%01=2?q=1&q=2")
        #expect(try uri.pathAttributes().map(\.name) == ["object", "Object", "flag", "empty", "id"])
        #expect(try uri.pathAttributes().map(\.value) == ["o", "p", nil, "", "%01=2"])
        #expect(try uri.queryAttributes().map(\.value) == ["1", "2"])
        #expect(try KeyStoreURI("a:").pathAttributes().isEmpty)
        #expect(try KeyStoreURI("a:?").queryAttributes().isEmpty)
    }

    @Test(arguments: ["a:;", "a:x=1;", "a:=1", "a:x;;y", "a:x?&", "a:x?=1", "a:x?y&"])
    func anAttributeWithoutANameIsRefused(_ text: String) throws {
        let uri = try KeyStoreURI(text)
        #expect(throws: KeyStoreError(.invalidURI, "")) {
            _ = try uri.pathAttributes()
            _ = try uri.queryAttributes()
        }
    }

    @Test func anAttributeGivesBytesOrTextAndNamesItselfInErrors() throws {
        #expect(try URIAttribute(name: "id", value: "%00%fF").bytes() == [0, 255])
        #expect(try URIAttribute(name: "o", value: "%C3%A9é").text() == "éé")
        for value in [nil, "%", "%0", "%0g", "%g0", "a%"] {
            let error = #expect(throws: KeyStoreError.self) { try URIAttribute(name: "object", value: value).bytes() }
            #expect(error?.code == .invalidURI)
            #expect(error?.message.contains("'object'") == true)
        }
        let error = #expect(throws: KeyStoreError.self) { try URIAttribute(name: "o", value: "%FF").text() }
        #expect(error?.code == .invalidURI)
    }

    @Test func everyByteSurvivesPercentEncoding() throws {
        let bytes = (0...255).map { UInt8($0) }
        #expect(try PercentEncoding.decode(PercentEncoding.encode(bytes)) == bytes)
        #expect(try PercentEncoding.decode(PercentEncoding.encode(bytes, all: true)) == bytes)
        #expect(PercentEncoding.encode("a-._~Z9 ;é".utf8) == "a-._~Z9%20%3B%C3%A9")
        #expect(PercentEncoding.encode([0x61], all: true) == "%61")
    }

    @Test func aQueryAttributeIsTakenOnce() throws {
        let uri = try KeyStoreURI("a:b?x=%20&backend=c&y")
        #expect(try uri.queryText("x") == " ")
        #expect(try uri.queryText("z") == nil)
        #expect(throws: KeyStoreError(.invalidURI, "")) { try uri.queryText("y") }
        #expect(throws: KeyStoreError(.invalidURI, "")) { try KeyStoreURI("a:?x=1&x=2").queryText("x") }
    }
}
