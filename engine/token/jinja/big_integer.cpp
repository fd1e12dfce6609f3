#include "engine/token/jinja/big_integer.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sotto::jinja {

namespace {

constexpr int kWordBits = 32;

int digitOf(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    const char small = static_cast<char>(letter | 0x20);
    return small >= 'a' && small <= 'z' ? small - 'a' + 10 : 99;
}

}  // namespace

BigInteger::BigInteger(Words words, bool isNegative) : m_words(std::move(words)) {
    while (!m_words.empty() && m_words.back() == 0) m_words.pop_back();
    m_isNegative = isNegative && !m_words.empty();
}

BigInteger BigInteger::of(std::int64_t number) {
    const std::uint64_t magnitude = number < 0
                                        ? std::uint64_t{0} - static_cast<std::uint64_t>(number)
                                        : static_cast<std::uint64_t>(number);
    return {
        {static_cast<std::uint32_t>(magnitude), static_cast<std::uint32_t>(magnitude >> kWordBits)},
        number < 0};
}

BigInteger BigInteger::truncated(double number) {
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(std::trunc(number)), &exponent);
    // 53 bits of the fraction are a whole number.
    const auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, 53));
    const int shift = exponent - 53;
    const BigInteger whole = shift >= 0 ? of(mantissa).shiftedLeft(static_cast<std::size_t>(shift))
                                        : of(shift > -64 ? mantissa >> -shift : 0);
    return number < 0 ? whole.negated() : whole;
}

std::optional<BigInteger> BigInteger::parse(std::string_view digits, int base) {
    if (digits.empty()) return std::nullopt;
    Words words;
    for (const char letter : digits) {
        const int digit = digitOf(letter);
        if (digit >= base) return std::nullopt;
        std::uint64_t carry = static_cast<std::uint64_t>(digit);
        for (std::uint32_t& word : words) {
            carry += std::uint64_t{word} * static_cast<std::uint64_t>(base);
            word = static_cast<std::uint32_t>(carry);
            carry >>= kWordBits;
        }
        if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
    }
    return BigInteger(std::move(words), false);
}

std::size_t BigInteger::nBits() const {
    if (m_words.empty()) return 0;
    return m_words.size() * kWordBits - static_cast<std::size_t>(std::countl_zero(m_words.back()));
}

std::int64_t BigInteger::nSetBits() const {
    std::int64_t count = 0;
    for (const std::uint32_t word : m_words) count += std::popcount(word);
    return count;
}

std::optional<std::int64_t> BigInteger::toInt64() const {
    if (m_words.size() > 2) return std::nullopt;
    std::uint64_t magnitude = 0;
    for (std::size_t index = 0; index < m_words.size(); ++index) {
        magnitude |= std::uint64_t{m_words[index]} << (index * kWordBits);
    }
    const std::uint64_t limit = (std::uint64_t{1} << 63) - (m_isNegative ? 0 : 1);
    if (magnitude > limit) return std::nullopt;
    return static_cast<std::int64_t>(m_isNegative ? std::uint64_t{0} - magnitude : magnitude);
}

double BigInteger::toDouble() const {
    const std::size_t count = nBits();
    if (count > 1025) return m_isNegative ? -HUGE_VAL : HUGE_VAL;
    // The highest 64 bits; whether anything follows them decides between two neighbours only.
    std::uint64_t high = 0;
    bool isInexact = false;
    for (std::size_t bit = count; bit-- > 0;) {
        const bool isSet = (m_words[bit / kWordBits] >> (bit % kWordBits) & 1) != 0;
        if (count - bit <= 64) {
            high = high << 1 | (isSet ? 1 : 0);
        } else {
            isInexact |= isSet;
        }
    }
    const double magnitude =
        std::ldexp(static_cast<double>(high | (isInexact ? 1 : 0)),
                   static_cast<int>(count) - static_cast<int>(std::min<std::size_t>(count, 64)));
    return m_isNegative ? -magnitude : magnitude;
}

std::string BigInteger::toText(int base) const {
    static constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
    // As many digits at once as a word holds.
    const auto digit = static_cast<std::uint32_t>(base);
    std::uint32_t unit = digit;
    int nDigits = 1;
    for (; std::uint64_t{unit} * digit <= 0xffffffff; ++nDigits) unit *= digit;
    std::string text;
    Words rest = m_words;
    while (!rest.empty()) {
        std::uint32_t part = divideByWord(rest, unit);
        for (int done = 0; done < nDigits && (part != 0 || !rest.empty()); ++done) {
            text += kDigits[part % digit];
            part /= digit;
        }
    }
    if (text.empty()) text = "0";
    if (m_isNegative) text += '-';
    std::reverse(text.begin(), text.end());
    return text;
}

BigInteger BigInteger::negated() const { return {m_words, !m_isNegative}; }

BigInteger BigInteger::shiftedLeft(std::size_t count) const {
    Words words(count / kWordBits, 0);
    std::uint64_t carry = 0;
    for (const std::uint32_t word : m_words) {
        carry |= std::uint64_t{word} << (count % kWordBits);
        words.push_back(static_cast<std::uint32_t>(carry));
        carry >>= kWordBits;
    }
    words.push_back(static_cast<std::uint32_t>(carry));
    return {std::move(words), m_isNegative};
}

int BigInteger::compareWords(const Words& left, const Words& right) {
    if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
    for (std::size_t index = left.size(); index-- > 0;) {
        if (left[index] != right[index]) return left[index] < right[index] ? -1 : 1;
    }
    return 0;
}

int BigInteger::compare(const BigInteger& left, const BigInteger& right) {
    if (left.m_isNegative != right.m_isNegative) return left.m_isNegative ? -1 : 1;
    const int order = compareWords(left.m_words, right.m_words);
    return left.m_isNegative ? -order : order;
}

BigInteger::Words BigInteger::addWords(const Words& left, const Words& right) {
    Words sum;
    std::uint64_t carry = 0;
    for (std::size_t index = 0; index < std::max(left.size(), right.size()); ++index) {
        carry += index < left.size() ? left[index] : 0;
        carry += index < right.size() ? right[index] : 0;
        sum.push_back(static_cast<std::uint32_t>(carry));
        carry >>= kWordBits;
    }
    sum.push_back(static_cast<std::uint32_t>(carry));
    return sum;
}

BigInteger::Words BigInteger::subtractWords(const Words& left, const Words& right) {
    Words difference;
    std::int64_t borrow = 0;
    for (std::size_t index = 0; index < left.size(); ++index) {
        borrow += std::int64_t{left[index]} -
                  (index < right.size() ? std::int64_t{right[index]} : std::int64_t{0});
        difference.push_back(static_cast<std::uint32_t>(borrow));
        borrow >>= kWordBits;  // 0 or -1
    }
    return difference;
}

BigInteger BigInteger::add(const BigInteger& left, const BigInteger& right) {
    if (left.m_isNegative == right.m_isNegative) {
        return {addWords(left.m_words, right.m_words), left.m_isNegative};
    }
    if (compareWords(left.m_words, right.m_words) >= 0) {
        return {subtractWords(left.m_words, right.m_words), left.m_isNegative};
    }
    return {subtractWords(right.m_words, left.m_words), right.m_isNegative};
}

BigInteger BigInteger::multiply(const BigInteger& left, const BigInteger& right) {
    Words product(left.m_words.size() + right.m_words.size(), 0);
    for (std::size_t at = 0; at < left.m_words.size(); ++at) {
        std::uint64_t carry = 0;
        for (std::size_t with = 0; with < right.m_words.size(); ++with) {
            carry += std::uint64_t{left.m_words[at]} * right.m_words[with] + product[at + with];
            product[at + with] = static_cast<std::uint32_t>(carry);
            carry >>= kWordBits;
        }
        product[at + right.m_words.size()] = static_cast<std::uint32_t>(carry);
    }
    return {std::move(product), left.m_isNegative != right.m_isNegative};
}

std::uint32_t BigInteger::divideByWord(Words& words, std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (std::size_t index = words.size(); index-- > 0;) {
        rest = rest << kWordBits | words[index];
        words[index] = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
    while (!words.empty() && words.back() == 0) words.pop_back();
    return static_cast<std::uint32_t>(rest);
}

// Bit by bit: quadratic with a larger constant than Knuth's D, and without its rare branches.
std::pair<BigInteger::Words, BigInteger::Words> BigInteger::divideWords(const Words& left,
                                                                        const Words& right) {
    if (right.size() == 1) {
        Words quotient = left;
        const std::uint32_t rest = divideByWord(quotient, right[0]);
        return {std::move(quotient), rest == 0 ? Words() : Words{rest}};
    }
    Words quotient(left.size(), 0), rest;
    for (std::size_t bit = left.size() * kWordBits; bit-- > 0;) {
        std::uint32_t carry = left[bit / kWordBits] >> (bit % kWordBits) & 1;
        for (std::uint32_t& word : rest) {
            const std::uint32_t next = word >> (kWordBits - 1);
            word = word << 1 | carry;
            carry = next;
        }
        if (carry != 0) rest.push_back(carry);
        if (compareWords(rest, right) < 0) continue;
        rest = BigInteger(subtractWords(rest, right), false).m_words;
        quotient[bit / kWordBits] |= std::uint32_t{1} << (bit % kWordBits);
    }
    return {std::move(quotient), std::move(rest)};
}

std::pair<BigInteger, BigInteger> BigInteger::divide(const BigInteger& left,
                                                     const BigInteger& right) {
    auto [words, restWords] = divideWords(left.m_words, right.m_words);
    const bool isOpposite = left.m_isNegative != right.m_isNegative;
    BigInteger quotient(std::move(words), isOpposite);
    BigInteger rest(std::move(restWords), left.m_isNegative);
    if (isOpposite && !rest.isZero()) {
        quotient = add(quotient, of(-1));
        rest = add(rest, right);
    }
    return {std::move(quotient), std::move(rest)};
}

double BigInteger::trueQuotient(const BigInteger& left, const BigInteger& right) {
    // At least 66 bits of quotient: what is cut off is then marked in the lowest of them.
    const auto shift =
        67 - (static_cast<std::int64_t>(left.nBits()) - static_cast<std::int64_t>(right.nBits()));
    const auto distance = static_cast<std::size_t>(shift < 0 ? -shift : shift);
    const BigInteger dividend = shift > 0 ? left.shiftedLeft(distance) : left;
    const BigInteger divisor = shift < 0 ? right.shiftedLeft(distance) : right;
    auto [words, rest] = divideWords(dividend.m_words, divisor.m_words);
    if (!rest.empty() && !words.empty()) words[0] |= 1;
    const BigInteger quotient(std::move(words), left.m_isNegative != right.m_isNegative);
    const double nearest = std::ldexp(quotient.toDouble(), static_cast<int>(-shift));
    return left.isZero() && right.m_isNegative ? -0.0 : nearest;
}

}  // namespace sotto::jinja
