// Whole numbers of any size, for the few places where a template's number leaves 64 bits.
//
// Plain values; schoolbook arithmetic, which is enough below kMaxIntegerBits. Source: Knuth, The
// Art of Computer Programming 2, section 4.3.1 (algorithms A, S, M, D).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sotto::jinja {

class BigInteger {
public:
    BigInteger() = default;  // 0
    static BigInteger of(std::int64_t number);
    static BigInteger truncated(double number);  // of a finite one
    // Digits of a base from 2 to 36, nothing else. Empty for anything that is no such number.
    static std::optional<BigInteger> parse(std::string_view digits, int base);

    bool isNegative() const { return m_isNegative; }
    bool isZero() const { return m_words.empty(); }
    bool isOdd() const { return !m_words.empty() && (m_words[0] & 1) != 0; }
    std::size_t nBits() const;  // of the magnitude
    std::int64_t nSetBits() const;
    std::optional<std::int64_t> toInt64() const;  // empty: it does not fit
    double toDouble() const;                      // the nearest; infinite where there is none
    std::string toText(int base = 10) const;      // with its sign; letters are small

    BigInteger negated() const;
    BigInteger shiftedLeft(std::size_t nBits) const;
    // -1, 0, 1 as memcmp.
    static int compare(const BigInteger& left, const BigInteger& right);
    static BigInteger add(const BigInteger& left, const BigInteger& right);
    static BigInteger multiply(const BigInteger& left, const BigInteger& right);
    // Quotient rounded down, and the rest with the divisor's sign. `right` is not 0.
    static std::pair<BigInteger, BigInteger> divide(const BigInteger& left,
                                                    const BigInteger& right);
    // left / right as the nearest double; infinite where there is none. `right` is not 0.
    static double trueQuotient(const BigInteger& left, const BigInteger& right);

private:
    using Words = std::vector<std::uint32_t>;  // lowest first, the highest is not 0
    BigInteger(Words words, bool isNegative);
    static int compareWords(const Words& left, const Words& right);
    static Words addWords(const Words& left, const Words& right);
    static Words subtractWords(const Words& left, const Words& right);  // left >= right
    static std::pair<Words, Words> divideWords(const Words& left, const Words& right);
    static std::uint32_t divideByWord(Words& words, std::uint32_t divisor);  // gives the rest

    Words m_words;
    bool m_isNegative = false;
};

}  // namespace sotto::jinja
