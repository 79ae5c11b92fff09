import KeyStoreCore
import Testing

struct RedactionTests {
    /// Texts with the secret 8362 in them, none of it to be seen in what is printed.
    @Test(arguments: [
        "pkcs11:token=t?pin-value=8362", "pkcs11:token=t;pin-value=8362", "pkcs11:pin=8362;token=t",
        "pkcs11:///m.so?slot=1&pin=8362&id=01", "pkcs11:PIN=8362", "pkcs11:x?Pin-Value=8362", "pin=8362",
        "file:/k?passphrase=8362", "file:/k?password=8362", "x:y?so-pin=8362", "x:y?my_secret=8362",
        "x:y?puk=8362", "x:y?management-key=8362",
        // The secret has separators or equals signs in it.
        "x:y?pin=83;62", "x:y?pin=83&62", "x:y?pin=83?62", "x:y?pin=8=3=62", "x:y?pin==8362", "x:y?pin=1;2;8362",
        // No valid reference at all.
        "token=a pin-value=8362", "pkcs11:token=a pin=8362", "x:y?pin=a 8362", "?pin=8362", "x:y\npin=8362\n",
        "--key pin=8362", "x:y?a=pin=8362", "x:y,pin=8362",
        // An escaped name.
        "x:y?%70in=8362", "x:y?pin%2Dvalue=8362", "x:y?p%69n-value=8362",
        // A combining mark behind the equals sign.
        "x:y?pin=\u{301}8362", "x:y?a=1&\u{301}pin=8362",
    ])
    func noSecretIsPrinted(_ text: String) {
        let redacted = KeyStoreURI.redact(text)
        for part in ["8362", "83", "62"] { #expect(!redacted.contains(part), "\(redacted)") }
        #expect(redacted.contains(KeyStoreURI.mask))
        let error = KeyStoreError(.noSuchKey, "none", subject: text)
        #expect(!error.subject.contains("62"))
        #expect(!KeyStoreError(.noSuchKey, "none").during("find", of: text).subject.contains("62"))
        if let uri = try? KeyStoreURI(text) {
            #expect(!"\(uri)".contains("62") && !uri.redacted.contains("62"))
            #expect(uri.text == text.replacing("PKCS11", with: "pkcs11"))
        }
    }

    /// What names no secret stays as it is, so that a printed reference can be used again.
    @Test(arguments: [
        "pkcs11:token=8362;object=pin", "pkcs11:token=pin;id=%01?pin-source=file:/run/pin",
        "file:/home/spinner/key=1.pem",
        "x:y?pin-source=|cat&module-path=/lib/pin.so", "file:///a?x=1;y", "", "a", "a:b;c?d&e", "x:y?sopinfile=/a",
    ])
    func whatIsNoSecretStays(_ text: String) {
        #expect(KeyStoreURI.redact(text) == text)
    }

    @Test func theRestOfTheReferenceStays() {
        #expect(KeyStoreURI.redact("a:t=1;pin=2;u=3?v=4&pin-value=5&w=6") == "a:t=1;pin=***;u=3?v=4&pin-value=***&w=6")
    }
}
