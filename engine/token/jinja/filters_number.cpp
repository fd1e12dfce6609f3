#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "engine/token/jinja/filters.h"
#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/string_functions.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja::filters {

namespace {

// The digits of a number's text as ASCII, white space around and underscores between digits gone;
// empty where an underscore stands elsewhere. Digits of other scripts count as Python's do.
std::string plainNumber(std::string_view text) {
    text = stripText(text, {}, false, true, true);
    std::string plain;
    bool wasDigit = false, isUnderscore = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t character = nextCodePoint(text, offset);
        if (character == '_') {
            if (!wasDigit) return {};
            wasDigit = false;
            isUnderscore = true;
            continue;
        }
        const int digit = decimalValue(character);
        if (digit < 0 && character >= 0x80) return {};
        plain += digit >= 0 ? static_cast<char>('0' + digit) : static_cast<char>(character);
        wasDigit = digit >= 0 || hasProperty(character, Property::Alphabetic);
        if (isUnderscore && !wasDigit) return {};
        isUnderscore = false;
    }
    return isUnderscore ? std::string() : plain;
}

// int(text, base)
std::optional<BigInteger> parseInteger(Runtime& runtime, std::string_view text, int base) {
    std::string digits = plainNumber(text);
    const bool isNegative = digits.starts_with('-');
    if (isNegative || digits.starts_with('+')) digits.erase(0, 1);
    if (base == 0) {  // as a literal says: 0x1F, 0o17, 0b11, and no zero in front of other ones
        const char second = digits.size() > 2 ? static_cast<char>(digits[1] | 0x20) : '\0';
        const bool hasZero = digits.starts_with('0');
        base = !hasZero ? 10 : second == 'x' ? 16 : second == 'o' ? 8 : second == 'b' ? 2 : 10;
        const bool isZero = digits.find_first_not_of('0') == std::string::npos;
        if (hasZero && base == 10 && !isZero) return std::nullopt;
    }
    const char marker = base == 16 ? 'x' : base == 8 ? 'o' : base == 2 ? 'b' : '\0';
    const bool hasMarker = marker != '\0' && digits.size() > 2 && digits[0] == '0' &&
                           static_cast<char>(digits[1] | 0x20) == marker;
    if (hasMarker) digits.erase(0, 2);
    if (digits.size() > kMaxIntegerBits) raise("the template makes a number that is too large");
    const auto size = static_cast<std::int64_t>(digits.size());
    runtime.meter().spend(1 + size * size / 1000);
    const auto number = BigInteger::parse(digits, base);
    return number && isNegative ? number->negated() : number;
}

bool parseFloat(std::string_view text, double& result) {
    std::string plain = plainNumber(text);
    if (plain.starts_with('+')) plain.erase(0, 1);
    if (plain.empty() || plain[0] == '+') return false;
    const char* last = plain.data() + plain.size();
    const auto parsed = std::from_chars(plain.data(), last, result);
    if (parsed.ec == std::errc::result_out_of_range) {
        const bool isTiny = plain.find("e-") != std::string::npos;
        result = std::copysign(isTiny ? 0.0 : HUGE_VAL, plain[0] == '-' ? -1.0 : 1.0);
        return true;
    }
    const bool isNan = std::isnan(result) && plain.find('(') != std::string::npos;
    return parsed.ec == std::errc() && parsed.ptr == last && !isNan;
}

// int(float); raises for what has no whole part, as Python's OverflowError is not caught.
Value truncate(Runtime& runtime, double number, const Value& fallback) {
    if (std::isinf(number)) raise("cannot convert float infinity to integer");
    if (std::isnan(number)) return fallback;
    return runtime.makeInteger(BigInteger::truncated(number));
}

}  // namespace

Value toInteger(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("int", arguments, {"default", "base"}, 0);
    const Value fallback = bound.valueOr(0, Value::of(std::int64_t{0}));
    switch (self.kind()) {
        case Kind::Undefined: raiseUndefined(self);
        case Kind::Int:
        case Kind::Bool: return Value::of(self.integer()).from(self.origin());
        case Kind::BigInt: return self;
        case Kind::Float: return truncate(runtime, self.real(), fallback).from(self.origin());
        case Kind::String: {
            const std::int64_t base = bound.integerOr(1, 10);
            const bool isBase = base == 0 || (base >= 2 && base <= 36);
            const auto whole = isBase ? parseInteger(runtime, self.text(), static_cast<int>(base))
                                      : std::optional<BigInteger>();
            if (whole) return runtime.makeInteger(*whole).from(self.origin());
            double number = 0;
            if (!parseFloat(self.text(), number) || std::isinf(number)) return fallback;
            return truncate(runtime, number, fallback).from(self.origin());
        }
        default: return fallback;
    }
}

Value toFloat(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("float", arguments, {"default"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (self.isNumber()) return Value::of(self.toDouble()).from(self.origin());
    double number = 0;
    if (self.is(Kind::String) && parseFloat(self.text(), number)) {
        return Value::of(number).from(self.origin());
    }
    return bound.valueOr(0, Value::of(0.0));
}

Value absolute(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("abs", arguments, {}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (self.is(Kind::Float)) return Value::of(std::fabs(self.real())).from(self.origin());
    if (!self.isNumber()) raise("bad operand type for abs(): '" + typeName(self) + "'");
    return self.toBigInteger().isNegative() ? negate(runtime, self) : plus(self);
}

// round(whole, -tens): to even where two are equally near.
static Value roundToTens(Runtime& runtime, const Value& self, std::int64_t tens) {
    const auto calculate = [&](Operator op, const Value& left, const Value& right) {
        return applyBinary(runtime, op, left, right);
    };
    const Value unit = calculate(Operator::Power, Value::of(std::int64_t{10}), Value::of(tens));
    const Value quotient = calculate(Operator::FloorDivide, self, unit);
    const Value rest = calculate(Operator::Modulo, self, unit);
    const int half =
        compareNumbers(calculate(Operator::Multiply, rest, Value::of(std::int64_t{2})), unit);
    const bool isUp = half > 0 || (half == 0 && quotient.toBigInteger().isOdd());
    const Value nearest =
        isUp ? calculate(Operator::Add, quotient, Value::of(std::int64_t{1})) : quotient;
    return calculate(Operator::Multiply, nearest, unit).from(self.origin());
}

Value roundNumber(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("round", arguments, {"precision", "method"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (!self.isNumber()) raise("type " + typeName(self) + " doesn't define __round__ method");
    if (bound.has(0) && bound.get(0).is(Kind::None)) {  // to a whole number
        if (self.isWhole()) return plus(self);
        return truncate(runtime, std::nearbyint(self.real()), Value::none());
    }
    const std::int64_t precision = bound.integerOr(0, 0);
    if (precision < -300 || precision > 300) raise("round takes a precision within 300");
    const std::string_view method = bound.has(1) ? bound.text(1) : "common";
    const double number = self.toDouble();
    if (method == "common") {
        if (self.isWhole()) {
            return precision >= 0 ? plus(self) : roundToTens(runtime, self, -precision);
        }
        if (!std::isfinite(number)) return self;
        if (precision < 0) {
            const double scale = std::pow(10.0, static_cast<double>(-precision));
            return Value::of(std::nearbyint(number / scale) * scale).from(self.origin());
        }
        // Through the decimal text, as Python does: correct for ties that binary cannot hold.
        std::array<char, 700> buffer{};
        std::snprintf(buffer.data(), buffer.size(), "%.*f", static_cast<int>(precision), number);
        return Value::of(std::strtod(buffer.data(), nullptr)).from(self.origin());
    }
    if (method != "ceil" && method != "floor") raise("method must be common, ceil or floor");
    const double scale = std::pow(10.0, static_cast<double>(precision));
    const double scaled = number * scale;
    // Python's ceil and floor give whole numbers, which have no negative zero.
    const double rounded = (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) + 0.0;
    return Value::of(rounded / scale).from(self.origin());
}

Value sum(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("sum", arguments, {"attribute", "start"}, 0);
    Value total = bound.valueOr(1, Value::of(std::int64_t{0}));
    if (total.is(Kind::String)) raise("sum() can't sum strings [use ''.join(seq) instead]");
    for (const Value& item : iterate(runtime, self)) {
        const Value addend = bound.hasValue(0) ? getPath(runtime, item, bound.get(0)) : item;
        total = applyBinary(runtime, Operator::Add, total, addend);
    }
    return total;
}

Value fileSize(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("filesizeformat", arguments, {"binary"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    double bytes = 0;
    const bool isText = self.is(Kind::String);
    if (isText ? !parseFloat(self.text(), bytes) : !self.isNumber()) {
        raise("could not convert to float: " + toRepr(runtime, self).bytes().substr(0, 100));
    }
    if (!isText) bytes = self.toDouble();
    if (bytes < 0 && std::isinf(bytes)) raise("cannot convert float infinity to integer");
    const bool isBinary = bound.flagOr(0, false);
    const double base = isBinary ? 1024 : 1000;
    if (bytes == 1) return runtime.makeString(OriginText("1 Byte", self.origin()));
    std::array<char, 400> buffer{};  // the largest double has 309 digits
    if (bytes < base) {
        const std::string whole = BigInteger::truncated(bytes).toText();
        return runtime.makeString(OriginText(whole + " Bytes", self.origin()));
    }
    static constexpr std::string_view kPrefixes = "kMGTPEZY";
    double unit = base * base;
    std::size_t prefix = 0;
    while (bytes >= unit && prefix + 1 < kPrefixes.size()) {
        unit *= base;
        ++prefix;
    }
    const char letter = isBinary && prefix == 0 ? 'K' : kPrefixes[prefix];
    std::snprintf(buffer.data(), buffer.size(), "%.1f %c%s", base * bytes / unit, letter,
                  isBinary ? "iB" : "B");
    return runtime.makeString(OriginText(buffer.data(), self.origin()));
}

}  // namespace sotto::jinja::filters
