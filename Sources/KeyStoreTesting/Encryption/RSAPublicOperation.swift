/// The public operation of RSA, x^e mod n (RFC 8017 §5.1.1). The crypto library under this one encrypts with two of OAEP's
/// hashes only and does not hand out the operation itself. Nothing here is secret, so that nothing takes the same time always.
struct RSAPublicOperation {
    private let modulus: [UInt64]
    private let exponent: [UInt8]
    /// −n⁻¹ modulo 2⁶⁴.
    private let inverse: UInt64
    /// The length of the modulus, and of the result, in bytes.
    let length: Int

    /// Both numbers big-endian. The modulus is odd, as every RSA modulus is.
    init(modulus: [UInt8], exponent: [UInt8]) {
        let bytes = Array(modulus.drop { $0 == 0 })
        length = bytes.count
        self.modulus = Self.words(bytes, (bytes.count + 7) / 8)
        self.exponent = Array(exponent.drop { $0 == 0 })
        // Newton's method doubles the number of right bits each time; an odd number is its own inverse modulo 8.
        let lowest = self.modulus[0]
        var inverse = lowest
        for _ in 0..<5 { inverse = inverse &* (2 &- lowest &* inverse) }
        self.inverse = 0 &- inverse
    }

    /// The result, as long as the modulus. The number is smaller than the modulus.
    func callAsFunction(_ number: [UInt8]) -> [UInt8] {
        let count = modulus.count
        // R and R² modulo n, with R = 2^(64·count), by doubling.
        var power = [UInt64](repeating: 0, count: count)
        power[0] = 1
        for _ in 0..<(64 * count) { double(&power) }
        let one = power
        for _ in 0..<(64 * count) { double(&power) }
        let base = product(Self.words(number, count), power)
        var result = one
        for byte in exponent {
            for bit in (0..<8).reversed() {
                result = product(result, result)
                if byte >> bit & 1 == 1 { result = product(result, base) }
            }
        }
        var plain = [UInt64](repeating: 0, count: count)
        plain[0] = 1
        result = product(result, plain)
        let bytes = result.reversed().flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
        return Array(bytes.suffix(length))
    }

    /// Montgomery's product, a·b·R⁻¹ modulo n.
    private func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        let count = modulus.count
        var sum = [UInt64](repeating: 0, count: count + 2)
        for i in 0..<count {
            Self.add(a, times: b[i], to: &sum)
            Self.add(modulus, times: sum[0] &* inverse, to: &sum)
            sum.removeFirst()
            sum.append(0)
        }
        var result = Array(sum.prefix(count))
        if sum[count] != 0 || !isReduced(result) { subtractModulus(&result) }
        return result
    }

    private static func add(_ a: [UInt64], times factor: UInt64, to sum: inout [UInt64]) {
        var carry: UInt64 = 0
        for j in a.indices {
            var (high, low) = a[j].multipliedFullWidth(by: factor)
            for addend in [sum[j], carry] {
                let (value, overflow) = low.addingReportingOverflow(addend)
                low = value
                if overflow { high += 1 }
            }
            sum[j] = low
            carry = high
        }
        let (value, overflow) = sum[a.count].addingReportingOverflow(carry)
        sum[a.count] = value
        if overflow { sum[a.count + 1] += 1 }
    }

    private func double(_ number: inout [UInt64]) {
        var carry: UInt64 = 0
        for index in number.indices {
            let next = number[index] >> 63
            number[index] = number[index] << 1 | carry
            carry = next
        }
        if carry != 0 || !isReduced(number) { subtractModulus(&number) }
    }

    private func isReduced(_ number: [UInt64]) -> Bool {
        for index in modulus.indices.reversed() where number[index] != modulus[index] {
            return number[index] < modulus[index]
        }
        return false
    }

    private func subtractModulus(_ number: inout [UInt64]) {
        var borrow: UInt64 = 0
        for index in modulus.indices {
            let (first, underflow) = number[index].subtractingReportingOverflow(modulus[index])
            let (second, again) = first.subtractingReportingOverflow(borrow)
            number[index] = second
            borrow = underflow || again ? 1 : 0
        }
    }

    /// Big-endian bytes as words, the lowest first.
    private static func words(_ bytes: [UInt8], _ count: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: count)
        for (index, byte) in bytes.reversed().enumerated() where index / 8 < count {
            words[index / 8] |= UInt64(byte) << (8 * (index % 8))
        }
        return words
    }
}
