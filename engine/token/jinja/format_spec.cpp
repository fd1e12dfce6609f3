#include "engine/token/jinja/format_spec.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

constexpr std::int64_t kMaxWidth = 4096;

bool isOneOf(char letter, std::string_view letters) {
    return letter != '\0' && letters.find(letter) != std::string_view::npos;
}

OriginText pad(const OriginText& text, const FormatSpec& spec, char defaultAlign) {
    const std::int64_t missing = spec.width - countCodePoints(text.bytes());
    if (missing <= 0) return text;
    const char align = spec.align != '\0' ? spec.align : defaultAlign;
    const std::int64_t left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
    OriginText result;
    for (std::int64_t done = 0; done < left; ++done) result.append(spec.fill, spec.origin);
    result.append(text);
    for (std::int64_t done = left; done < missing; ++done) result.append(spec.fill, spec.origin);
    return result;
}

// A number before its width is filled: "-0x" and "ff", "" and "1234.5e+10".
struct NumberText {
    std::string prefix;  // sign and base
    std::string digits;
    std::size_t wholeEnd = 0;  // of the digits before a point, an exponent or "%"; infinite: 0
};

// The digits behind nZeros more, with a mark between groups of the whole part.
std::string groupedDigits(const NumberText& number, std::size_t nZeros, char mark,
                          std::size_t size) {
    std::string digits = std::string(nZeros, '0') + number.digits;
    std::size_t end = nZeros + number.wholeEnd;
    while (end > size) {
        end -= size;
        digits.insert(end, 1, mark);
    }
    return digits;
}

std::string realDigits(double number, const FormatSpec& spec, char type) {
    if (!std::isfinite(number)) {
        if (isOneOf(type, "FEG")) return std::isnan(number) ? "NAN" : "INF";
        return std::isnan(number) ? "nan" : "inf";
    }
    const int precision = spec.precision < 0 ? 6 : static_cast<int>(spec.precision);
    // %f of the largest double has 309 digits before the point.
    std::string buffer(static_cast<std::size_t>(precision) + 330, '\0');
    const char form[] = {'%', spec.isAlternate ? '#' : '0', '.', '*', type, '\0'};
    const int length =
        std::snprintf(buffer.data(), buffer.size(), form, precision, std::fabs(number));
    buffer.resize(static_cast<std::size_t>(std::max(length, 0)));
    return buffer;
}

// A float without a type: as str() where no precision is given, else as %g that always has a digit
// behind the point, and so goes over to exponents one digit earlier.
std::string plainDigits(double number, const FormatSpec& spec) {
    std::string digits;
    if (spec.precision < 0 || !std::isfinite(number)) {
        appendFloat(digits, std::fabs(number));
        const bool hasPoint = digits.find_first_of(".n") != std::string::npos;
        if (spec.isAlternate && !hasPoint) digits.insert(digits.find('e'), 1, '.');
        return digits;
    }
    FormatSpec general = spec;
    general.precision = std::max<std::int64_t>(spec.precision, 1) - 1;
    digits = realDigits(number, general, 'e');
    const int exponent = std::atoi(digits.c_str() + digits.find('e') + 1);
    const bool isInExponents = exponent < -4 || exponent >= general.precision;
    const std::string tail = isInExponents ? digits.substr(digits.find('e')) : "";
    if (isInExponents) {
        digits.erase(digits.find('e'));
    } else {
        general.precision -= exponent;
        digits = realDigits(number, general, 'f');
    }
    if (!spec.isAlternate && digits.find('.') != std::string::npos) {
        digits.erase(digits.find_last_not_of('0') + 1);
        if (digits.ends_with('.')) isInExponents ? digits.pop_back() : void(digits += '0');
    }
    return digits + tail;
}

std::string floatDigits(const Value& number, const FormatSpec& spec) {
    const double real = number.toDouble();
    if (spec.type == '%') return realDigits(real * 100, spec, 'f') + "%";
    if (spec.type == '\0' && number.is(Kind::Float)) return plainDigits(real, spec);
    return realDigits(real, spec, spec.type == 'n' || spec.type == '\0' ? 'g' : spec.type);
}

std::string wholeDigits(Runtime& runtime, const Value& number, const FormatSpec& spec) {
    const BigInteger whole = number.toBigInteger();
    if (number.is(Kind::BigInt)) runtime.meter().spend(kBigIntegerSteps);
    const char small = static_cast<char>(spec.type | 0x20);
    const bool hasBase = isOneOf(spec.type, "xXob");
    const int base = !hasBase ? 10 : small == 'x' ? 16 : small == 'o' ? 8 : 2;
    std::string digits = (whole.isNegative() ? whole.negated() : whole).toText(base);
    if (spec.type == 'X') {
        std::transform(digits.begin(), digits.end(), digits.begin(), [](char digit) {
            return digit >= 'a' ? static_cast<char>(digit - 0x20) : digit;
        });
    }
    return digits;
}

NumberText writeNumber(Runtime& runtime, const Value& number, const FormatSpec& spec, bool isReal) {
    NumberText text;
    const bool isNegative = number.is(Kind::Float)
                                ? std::signbit(number.real()) && !std::isnan(number.real())
                                : number.toBigInteger().isNegative();
    const std::string plus = isOneOf(spec.sign, "+ ") ? std::string(1, spec.sign) : "";
    text.prefix = isNegative ? "-" : plus;
    if (isReal) {
        text.digits = floatDigits(number, spec);
        const std::string_view mantissa =
            std::string_view(text.digits).substr(0, text.digits.find_first_of("eE"));
        const bool isZero = mantissa.starts_with('0') &&
                            mantissa.find_first_of("123456789") == std::string_view::npos;
        if (spec.isPositiveZero && isZero) text.prefix = plus;
        text.wholeEnd = std::min(text.digits.find_first_not_of("0123456789"), text.digits.size());
        return text;
    }
    if (spec.isAlternate && isOneOf(spec.type, "xXob")) text.prefix += {'0', spec.type};
    text.digits = wholeDigits(runtime, number, spec);
    text.wholeEnd = text.digits.size();
    return text;
}

OriginText characterOf(const Value& number) {
    const std::int64_t code = number.is(Kind::BigInt) ? -1 : number.integer();
    if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        raise("%c arg not in range(0x110000)");
    }
    std::string text;
    appendCodePoint(text, static_cast<char32_t>(code));
    return OriginText(std::move(text), number.origin());
}

}  // namespace

std::int64_t takeWidth(std::string_view text, std::size_t& at) {
    std::int64_t number = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        number = number * 10 + (text[at++] - '0');
        if (number > kMaxWidth) raise("a width in a format string is too large");
    }
    return number;
}

FormatSpec parseFormatSpec(std::string_view text) {
    FormatSpec spec;
    std::size_t at = 0;
    const auto isAt = [&](std::string_view letters) {
        return at < text.size() && isOneOf(text[at], letters);
    };
    std::size_t behindFill = 0;
    if (!text.empty()) nextCodePoint(text, behindFill);
    const bool hasFill =
        behindFill > 0 && behindFill < text.size() && isOneOf(text[behindFill], "<>^=");
    if (hasFill) {
        spec.fill = text.substr(0, behindFill);
        at = behindFill;
    }
    if (isAt("<>^=")) spec.align = text[at++];
    if (isAt("+- ")) spec.sign = text[at++];
    if (isAt("z")) spec.isPositiveZero = text[at++] == 'z';
    if (isAt("#")) spec.isAlternate = text[at++] == '#';
    if (isAt("0") && !hasFill) spec.fill = text[at++];
    spec.width = takeWidth(text, at);
    if (isAt(",_")) spec.grouping = text[at++];
    if (isAt(".")) {
        ++at;
        if (!isAt("0123456789")) raise("Format specifier missing precision");
        spec.precision = takeWidth(text, at);
    }
    if (at < text.size()) spec.type = text[at++];
    if (at < text.size()) raise("Invalid format specifier");
    const bool isGroupable = spec.type == '\0' || isOneOf(spec.type, "deEfFgG%") ||
                             (spec.grouping == '_' && isOneOf(spec.type, "boxX"));
    if (spec.grouping != '\0' && !isGroupable) {
        raise("Cannot specify '" + std::string(1, spec.grouping) + "' with '" +
              std::string(1, spec.type) + "'");
    }
    return spec;
}

OriginText formatText(const OriginText& whole, const FormatSpec& spec) {
    if (spec.type != '\0' && spec.type != 's') {
        raise("Unknown format code '" + std::string(1, spec.type) + "' for object of type 'str'");
    }
    const bool isOfNumbers = spec.align == '=' || spec.sign != '\0' || spec.isPositiveZero ||
                             spec.isAlternate || spec.grouping != '\0';
    if (isOfNumbers) {
        raise("a sign, 'z', '#', '=' or grouping is not allowed in the format of a text");
    }
    if (spec.precision < 0) return pad(whole, spec, '<');
    std::size_t end = 0;
    for (std::int64_t kept = 0; kept < spec.precision && end < whole.size(); ++kept) {
        nextCodePoint(whole.bytes(), end);
    }
    return pad(whole.slice(std::string_view(whole.bytes()).substr(0, end)), spec, '<');
}

OriginText formatNumber(Runtime& runtime, const Value& number, const FormatSpec& spec) {
    const bool isRealType = isOneOf(spec.type, "fFeEgG%");
    const bool isFloat = number.is(Kind::Float);
    if (!isRealType && !isOneOf(spec.type, isFloat ? "n" : "dxXobcn") && spec.type != '\0') {
        raise("Unknown format code '" + std::string(1, spec.type) + "' for object of type '" +
              typeName(number) + "'");
    }
    const bool isReal = isRealType || isFloat;
    if (!isReal && (spec.precision >= 0 || spec.isPositiveZero)) {
        raise("a precision or 'z' is not allowed in the format of a whole number");
    }
    const bool isBehindSign = spec.align == '=' || (spec.align == '\0' && spec.fill == "0");
    if (spec.type == 'c') {
        if (spec.sign != '\0' || spec.isAlternate) {
            raise("a sign or '#' is not allowed with the integer format specifier 'c'");
        }
        return pad(characterOf(number), spec, '>');
    }
    NumberText text = writeNumber(runtime, number, spec, isReal);
    if (spec.grouping != '\0' && text.wholeEnd > 0) {
        const std::size_t groupSize = !isReal && isOneOf(spec.type, "xXob") ? 4 : 3;
        const auto width = static_cast<std::size_t>(spec.width);
        std::string digits = groupedDigits(text, 0, spec.grouping, groupSize);
        // Zeros that fill the width are grouped too, never with a mark in front.
        for (std::size_t nZeros = 1;
             isBehindSign && spec.fill == "0" && text.prefix.size() + digits.size() < width;
             ++nZeros)
            digits = groupedDigits(text, nZeros, spec.grouping, groupSize);
        text.digits = std::move(digits);
    }
    if (!isBehindSign)
        return pad(OriginText(text.prefix + text.digits, number.origin()), spec, '>');
    OriginText result(text.prefix, number.origin());
    FormatSpec rest = spec;
    rest.align = '>';
    rest.width = spec.width - static_cast<std::int64_t>(text.prefix.size());
    // What fills a number with zeros reads as its own digits.
    if (spec.fill == "0") rest.origin = number.origin();
    result.append(pad(OriginText(std::move(text.digits), number.origin()), rest, '>'));
    return result;
}

}  // namespace sotto::jinja
