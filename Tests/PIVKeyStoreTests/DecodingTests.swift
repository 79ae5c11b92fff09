import KeyStoreCore
import LibCrypto
import Testing

@testable import PIVKeyStore

/// What cards answer, well-formed and not.
struct DecodingTests {
    @Test(
        arguments: [
            [0x53], [0x53, 0x05, 1], [0x53, 0x81], [0x53, 0x82, 1], [0x53, 0x83, 0, 0, 1, 1], [0x53, 0x80, 1], [0x7F],
            [0x7F, 0x80, 0], [0x53, 0x82, 0xFF, 0xFF, 1], [0x53, 0xFF],
        ] as [[UInt8]])
    func aLengthThatLiesIsInvalidReply(_ bytes: [UInt8]) throws {
        try failure { try TLVReader.fields(bytes) }.expect(.invalidReply)
        try failure { try TLVReader.only(0x53, in: bytes) }.expect(.invalidReply)
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 3000])
    func whatIsWrittenIsRead(_ count: Int) throws {
        let value = [UInt8](repeating: 7, count: count)
        for tag: UInt16 in [0x53, 0x7F49] { #expect(try TLVReader.only(tag, in: TLV.encode(tag, value)) == value) }
    }

    @Test func aLengthThatIsLongerThanNeedBeIsRead() throws {
        #expect(try TLVReader.only(0x53, in: [0x53, 0x82, 0, 1, 9]) == [9])
        #expect(try TLVReader.only(0x53, in: [0x53, 0x81, 1, 9]) == [9])
    }

    @Test func aFieldThatComesTwiceOrWithAnotherBehindItIsRefused() throws {
        try failure { try TLVReader.fields([1, 1, 0, 1, 1, 0] as [UInt8]) }.expect(.invalidReply)
        try failure { try TLVReader.only(1, in: [1, 1, 0, 0]) }.expect(.invalidReply)
        try failure { try TLVReader.only(2, in: [1, 1, 0]) }.expect(.invalidReply)
    }

    @Test(arguments: [[1, 2, 0, 0], [2, 1, 0], [3, 2, 1, 1], [5, 0], [6, 1, 3]] as [[UInt8]])
    func metadataOfAnotherShapeIsInvalidReply(_ bytes: [UInt8]) throws {
        try failure { try Metadata(decoding: bytes) }.expect(.invalidReply)
    }

    @Test func metadataWithFieldsOfTheFutureIsRead() throws {
        let metadata = try Metadata(decoding: [1, 1, 0x11, 2, 2, 5, 9, 3, 1, 7, 0x20, 1, 1])
        #expect(metadata.algorithm == 0x11 && metadata.pinPolicy == nil && metadata.touchPolicy == nil)
        #expect(metadata.origin == nil)
    }

    @Test(arguments: [[], [0x86, 0], [0x86, 2, 4, 1], [0x81, 1, 0, 0x82, 1, 3], [0x81, 1, 5]] as [[UInt8]])
    func aPublicKeyThatIsNoneIsInvalidReply(_ bytes: [UInt8]) throws {
        for algorithm in Algorithm.allCases {
            try failure { try CardPublicKey.decode(bytes, algorithm) }.expect(.invalidReply)
        }
    }

    @Test(arguments: [Array("no gzip".utf8), [0x1F, 0x8B], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]] as [[UInt8]])
    func aCompressedCertificateThatIsNoneIsInvalidReply(_ bytes: [UInt8]) throws {
        let contents = TLV.encode(0x70, bytes) + TLV.encode(0x71, [1])
        try failure { try CertificateObject.decode(contents) }.expect(.invalidReply)
    }

    @Test func paddingOfAnyWrongKindIsTakenOffNothing() throws {
        let good = [0, 2] + [UInt8](repeating: 5, count: 8) + [0, 7, 8]
        #expect(try Unpadding.message(in: good, .rsaPKCS1).map { $0.withBytes { Array($0) } } == [7, 8])
        let empty = [0, 2] + [UInt8](repeating: 5, count: 8) + [0]
        #expect(try Unpadding.message(in: empty, .rsaPKCS1)?.count == 0)
        for bad in [
            [1, 2] + good.dropFirst(2), [0, 1] + good.dropFirst(2),
            [0, 2] + [UInt8](repeating: 5, count: 7) + [0, 7, 8, 9],
            [0, 2] + [UInt8](repeating: 5, count: 11), [0, 2, 0] + [UInt8](repeating: 5, count: 10) + [0, 1],
        ] {
            #expect(try Unpadding.message(in: bad, .rsaPKCS1) == nil)
        }
        for algorithm in [EncryptionAlgorithm.rsaOAEPSHA1, .rsaOAEPSHA256] {
            #expect(try Unpadding.message(in: [UInt8](repeating: 0, count: 128), algorithm) == nil)
        }
    }

    @Test(arguments: [[0x30, 6, 2, 1, 1, 2, 1, 1], [0x30, 8, 2, 2, 0, 0x80, 2, 2, 0, 0x80]] as [[UInt8]])
    func aSequenceOfTwoNumbersIsASignature(_ bytes: [UInt8]) { #expect(SignatureShape.fits(bytes, .p256)) }

    @Test(
        arguments: [
            [0x30, 6, 2, 1, 0, 2, 1, 1], [0x30, 6, 2, 1, 0x80, 2, 1, 1], [0x30, 3, 2, 1, 1],
            [0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1],
            [0x30, 6, 2, 1, 1, 2, 1, 1, 0], [0x31, 6, 2, 1, 1, 2, 1, 1], [0x30, 6, 2, 1, 1, 3, 1, 1],
            [0x30, 40, 2, 35, 0] + [UInt8](repeating: 1, count: 34) + [2, 1, 1],
        ] as [[UInt8]])
    func anythingElseIsNone(_ bytes: [UInt8]) { #expect(!SignatureShape.fits(bytes, .p256)) }

    @Test func blockCiphersAreTheStandardOnes() throws {
        // FIPS 197, appendix B; three times the DES example of SP 800-17.
        func pin(_ bytes: [UInt8]) throws -> PIN {
            try bytes.withUnsafeBytes { bytes in Result { () throws(KeyStoreError) in try PIN(bytes) } }.get()
        }
        let key: [UInt8] = [
            0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
        ]
        let block: [UInt8] = [
            0x32, 0x43, 0xF6, 0xA8, 0x88, 0x5A, 0x30, 0x8D, 0x31, 0x31, 0x98, 0xA2, 0xE0, 0x37, 0x07, 0x34,
        ]
        let expected: [UInt8] = [
            0x39, 0x25, 0x84, 0x1D, 0x02, 0xDC, 0x09, 0xFB, 0xDC, 0x11, 0x85, 0x97, 0x19, 0x6A, 0x0B, 0x32,
        ]
        #expect(try BlockCipher.aes.apply(pin(key), to: block, encrypts: true) == expected)
        #expect(try BlockCipher.aes.apply(pin(key), to: expected, encrypts: false) == block)
        let des = [UInt8](repeating: 1, count: 24)
        #expect(
            try BlockCipher.tripleDES.apply(pin(des), to: [0x80, 0, 0, 0, 0, 0, 0, 0], encrypts: true)
                == [0x95, 0xF8, 0xA5, 0xE5, 0xDD, 0x31, 0xD9, 0x00])
        try failure { try BlockCipher.aes.apply(pin([1, 2, 3]), to: block, encrypts: true) }.expect(.invalidData)
    }
}
