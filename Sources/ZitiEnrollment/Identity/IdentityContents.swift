import KeyStoreCore

/// The JSON of an identity file, as Go's SDK writes it, and as that and the C SDK read it.
struct IdentityContents: Codable {
    struct Credentials: Codable {
        var key: String
        var cert: String
        var ca: String
    }

    struct Extras: Codable {
        var fallbackReason: String?
        var fallbackFor: String?
        var algorithms: [UInt16]?
    }

    var ztAPI: String
    var ztAPIs: [String]?
    var id: Credentials
    var zitiKeystore: Extras?

    private enum CodingKeys: CodingKey { case ztAPI, ztAPIs, configTypes, id, enableHa, zitiKeystore }

    init(ztAPI: String, ztAPIs: [String]?, id: Credentials, zitiKeystore: Extras?) {
        self.ztAPI = ztAPI
        self.ztAPIs = ztAPIs
        self.id = id
        self.zitiKeystore = zitiKeystore
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        ztAPI = try values.decode(String.self, forKey: .ztAPI)
        ztAPIs = try values.decodeIfPresent([String].self, forKey: .ztAPIs)
        id = try values.decode(Credentials.self, forKey: .id)
        zitiKeystore = try values.decodeIfPresent(Extras.self, forKey: .zitiKeystore)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ztAPI, forKey: .ztAPI)
        // Go writes null where there is nothing, and so does this, so that readers meet nothing new.
        try values.encode(ztAPIs, forKey: .ztAPIs)
        try values.encodeNil(forKey: .configTypes)
        try values.encode(id, forKey: .id)
        try values.encode(false, forKey: .enableHa)
        try values.encodeIfPresent(zitiKeystore, forKey: .zitiKeystore)
    }
}
