import KeyStoreCore

/// The JSON of an identity file, as Go's SDK writes it, and as that and the C SDK read it. Members that belong to other
/// programs are kept.
struct IdentityContents: Codable {
    struct Credentials: Codable {
        var key: String
        var cert: String
        var ca: String
        var others: [String: JSONNode] = [:]

        init(key: String, cert: String, ca: String, others: [String: JSONNode]) {
            self.key = key
            self.cert = cert
            self.ca = ca
            self.others = others
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: MemberName.self)
            key = try values.decode(String.self, forKey: MemberName("key"))
            cert = try values.decode(String.self, forKey: MemberName("cert"))
            ca = try values.decode(String.self, forKey: MemberName("ca"))
            others = try values.others(than: ["key", "cert", "ca"])
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: MemberName.self)
            try values.encode(others)
            try values.encode(key, forKey: MemberName("key"))
            try values.encode(cert, forKey: MemberName("cert"))
            try values.encode(ca, forKey: MemberName("ca"))
        }
    }

    struct Extras: Codable {
        var fallbackReason: String?
        var fallbackFor: String?
        var algorithms: [AlgorithmNumber]?
    }

    /// A number of TLS. Read as any number, because the decoder does not say where one stands that does not fit.
    struct AlgorithmNumber: Codable {
        let value: UInt16

        init(_ value: UInt16) { self.value = value }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let value = UInt16(exactly: try container.decode(Double.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number of an algorithm")
            }
            self.value = value
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }

    /// What new files hold besides: Go writes these, and so does this, so that readers meet nothing new.
    static let usualOthers: [String: JSONNode] = ["configTypes": .null, "enableHa": .bool(false)]
    private static let known = ["ztAPI", "ztAPIs", "id", "zitiKeystore"]

    var ztAPI: String
    var ztAPIs: [String]?
    var id: Credentials
    var zitiKeystore: Extras?
    var others: [String: JSONNode]

    init(ztAPI: String, ztAPIs: [String]?, id: Credentials, zitiKeystore: Extras?, others: [String: JSONNode]) {
        self.ztAPI = ztAPI
        self.ztAPIs = ztAPIs
        self.id = id
        self.zitiKeystore = zitiKeystore
        self.others = others
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: MemberName.self)
        let name = MemberName("ztAPI")
        ztAPIs = try values.decodeIfPresent([String].self, forKey: MemberName("ztAPIs"))
        if let list = ztAPIs, let first = list.first,
            try values.decodeIfPresent(String.self, forKey: name)?.isEmpty ?? true
        {
            // A file may name its controllers in the list alone. What is no address there is passed over.
            ztAPI = list.first { ControllerAddress($0, allowsClientAPI: true) != nil } ?? first
        } else {
            ztAPI = try values.decode(String.self, forKey: name)
        }
        id = try values.decode(Credentials.self, forKey: MemberName("id"))
        zitiKeystore = try values.decodeIfPresent(Extras.self, forKey: MemberName("zitiKeystore"))
        others = try values.others(than: Self.known)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: MemberName.self)
        try values.encode(others)
        try values.encode(ztAPI, forKey: MemberName("ztAPI"))
        // Go writes null where there is nothing.
        try values.encode(ztAPIs, forKey: MemberName("ztAPIs"))
        try values.encode(id, forKey: MemberName("id"))
        try values.encodeIfPresent(zitiKeystore, forKey: MemberName("zitiKeystore"))
    }
}
