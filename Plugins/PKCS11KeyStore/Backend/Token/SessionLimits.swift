import CP11Kit

/// How many sessions a token has for this process, as far as is known.
struct SessionLimits {
    /// Sessions of both kinds.
    var all: Int
    /// Sessions that can write.
    var writable: Int

    static let none = SessionLimits(all: .max, writable: .max)

    /// Takes what the token says (PKCS #11 2.40 §3.2, CK_TOKEN_INFO). Zero means no limit there and the highest number that it
    /// is not known; some modules make up others that are as high.
    init(_ info: CK_TOKEN_INFO) {
        all = Self.limit(info.ulMaxSessionCount)
        writable = Self.limit(info.ulMaxRwSessionCount)
    }

    private init(all: Int, writable: Int) {
        self.all = all
        self.writable = writable
    }

    /// Remembers that the token had no more than these when it refused another one.
    mutating func lower(to all: Int, writable: Int?) {
        // One that can read may be had where one that can write may not.
        if let writable, writable > 0 {
            self.writable = min(self.writable, writable)
        } else {
            self.all = min(self.all, all)
        }
    }

    private static func limit(_ reported: CK_ULONG) -> Int {
        (1..<CK_ULONG(1_000_000)).contains(reported) ? Int(reported) : .max
    }
}
