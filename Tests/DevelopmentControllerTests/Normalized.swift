import Foundation

/// A text with what differs from run to run replaced, so that all the rest can be compared letter by letter.
func normalized(_ text: String, identityID: String? = nil) -> String {
    var text = text
    if let identityID { text = text.replacingOccurrences(of: identityID, with: "<identity>") }
    let replacements: [(pattern: String, with: String)] = [
        (#"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\\n"#, "<certificate>"),
        (#"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"#, "<jwt>"),
        (#"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"#, "<uuid>"),
        (#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"#, "<time>"),
        (#"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,9} \+0000 UTC"#, "<go time>"),
        (#"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"#, "<http date>"),
        (#""requestId":"[0-9A-Za-z.-]{9,11}""#, #""requestId":"<id>""#),
        (#""authenticatorId":"[0-9A-Za-z.-]{9,11}""#, #""authenticatorId":"<id>""#),
        (#""fingerprint":"[0-9a-f]{40}","id":"[0-9A-Za-z.-]{9,11}""#, #""fingerprint":"<sha1>","id":"<id>""#),
        (#""fingerprint":"[0-9a-f]{40}"\}"#, #""fingerprint":"<sha1>"}"#),
        (#""kid":"[0-9a-f]{40}""#, #""kid":"<sha1>""#),
        (#""exp":\d{10}"#, #""exp":<seconds>"#),
        (#"\bc[0-9a-z]{24}\b"#, "<cuid>"),
        (#"localhost:\d{2,5}"#, "localhost:<port>"),
    ]
    for (pattern, replacement) in replacements {
        text = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    }
    return text
}
