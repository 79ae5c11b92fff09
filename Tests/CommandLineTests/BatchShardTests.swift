import Testing

@testable import ziti_keystore

/// Which part of a manifest a row is in.
struct BatchShardTests {
    @Test(arguments: [1, 2, 3, 7, 64])
    func everyNameIsInExactlyOnePart(_ count: Int) throws {
        let shards = try (1...count).map { try #require(Shard(argument: "\($0)/\(count)")) }
        var sizes = [Int](repeating: 0, count: count)
        for number in 0..<2000 {
            let name = Array("out/device-\(number).json".utf8)
            let own = shards.indices.filter { shards[$0].contains(name) }
            #expect(own.count == 1)
            sizes[own[0]] += 1
        }
        #expect(sizes.allSatisfy { $0 > 2000 / count / 4 }, "\(sizes)")
    }

    /// printf out/a.json | sha256sum
    @Test func thePartFollowsFromTheDigestOfTheNameAsEveryVersionHasToAgree() throws {
        // 16 digits, of which the last few tell the remainder by 16.
        for (name, part) in BatchShardTests.known {
            for index in 1...16 {
                let shard = try #require(Shard(argument: "\(index)/16"))
                #expect(shard.contains(Array(name.utf8)) == (index == part + 1))
            }
        }
    }

    private static let known = [("out/a.json", 0xf), ("out/c.json", 0x0), ("", 0x4)]

    @Test(arguments: [
        "", "1", "/", "1/", "/1", "0/1", "2/1", "1/0", "-1/2", "1/-2", "+1/2", "1/2/3", "1 /2", "a/b", "1/65537",
        "1/99999999999999999999",
    ])
    func whatIsNoPartIsRefused(_ text: String) {
        #expect(Shard(argument: text) == nil)
    }
}
