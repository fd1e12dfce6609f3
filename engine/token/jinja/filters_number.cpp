#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "engine/token/jinja/filters.h"
#include "engine/token/jinja/string_functions.h"

namespace sotto::jinja::filters {

namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

// int(text, base): white space around, a sign, underscores between digits.
bool parseInteger(std::string_view text, int base, std::int64_t& result) {
    text = stripText(text, {}, false, true, true);
    std::string digits;
    bool wasDigit = false;
    for (const char byte : text) {
        if (byte == '_') {
            if (!wasDigit) return false;
            wasDigit = false;
            continue;
        }
        if (byte == '+' && digits.empty()) {
            digits += ' ';  // from_chars takes no plus
            continue;
        }
        digits += byte;
        wasDigit = byte != '-';
    }
    if (!wasDigit) return false;
    if (!digits.empty() && digits[0] == ' ') digits.erase(0, 1);
    if (digits.starts_with("-") && text[0] == '+') return false;
    if (base == 16 && (digits.starts_with("0x") || digits.starts_with("0X"))) digits.erase(0, 2);
    const char* last = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), last, result, base);
    if (parsed.ec == std::errc::result_out_of_range) {
        raise("integer result does not fit into 64 bits");
    }
    return parsed.ec == std::errc() && parsed.ptr == last;
}

bool parseFloat(std::string_view text, double& result) {
    text = stripText(text, {}, false, true, true);
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text[0] == '+') return false;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), result);
    if (parsed.ec == std::errc::result_out_of_range) {
        result = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

bool truncateToInteger(double number, std::int64_t& result) {
    if (!(number > -kTwoTo63 && number < kTwoTo63)) return false;
    result = static_cast<std::int64_t>(number);
    return true;
}

}  // namespace

Value toInteger(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("int", arguments, {"default", "base"}, 0);
    const Value fallback = bound.valueOr(0, Value::of(std::int64_t{0}));
    const std::int64_t base = bound.integerOr(1, 10);
    if (base < 2 || base > 36) raise("int() base must be >= 2 and <= 36");
    std::int64_t result = 0;
    switch (self.kind()) {
        case Kind::Undefined: raiseUndefined(self);
        case Kind::Int:
        case Kind::Bool: return Value::of(self.integer()).from(self.origin());
        case Kind::Float:
            return truncateToInteger(self.real(), result) ? Value::of(result).from(self.origin())
                                                          : fallback;
        case Kind::String: {
            if (parseInteger(self.text(), static_cast<int>(base), result)) {
                return Value::of(result).from(self.origin());
            }
            double number = 0;
            const bool isNumber =
                parseFloat(self.text(), number) && truncateToInteger(number, result);
            return isNumber ? Value::of(result).from(self.origin()) : fallback;
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

Value absolute(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("abs", arguments, {}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (self.is(Kind::Float)) return Value::of(std::fabs(self.real())).from(self.origin());
    if (!self.isNumber()) raise("bad operand type for abs(): '" + typeName(self) + "'");
    return self.integer() < 0 ? negate(self) : plus(self);
}

Value roundNumber(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("round", arguments, {"precision", "method"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (!self.isNumber()) raise("type " + typeName(self) + " doesn't define __round__ method");
    const std::int64_t precision = bound.integerOr(0, 0);
    if (precision < -300 || precision > 300) raise("round takes a precision within 300");
    const std::string_view method = bound.has(1) ? bound.text(1) : "common";
    const double number = self.toDouble();
    if (method == "common") {
        if (!self.is(Kind::Float) && precision >= 0) return plus(self);
        if (precision < 0) {
            const double scale = std::pow(10.0, static_cast<double>(-precision));
            const double rounded = std::nearbyint(number / scale) * scale;
            std::int64_t whole = 0;
            const bool isWhole = !self.is(Kind::Float) && truncateToInteger(rounded, whole);
            return (isWhole ? Value::of(whole) : Value::of(rounded)).from(self.origin());
        }
        // Through the decimal text, as Python does: correct for ties that binary cannot hold.
        std::array<char, 700> buffer{};
        std::snprintf(buffer.data(), buffer.size(), "%.*f", static_cast<int>(precision), number);
        return Value::of(std::strtod(buffer.data(), nullptr)).from(self.origin());
    }
    if (method != "ceil" && method != "floor") raise("method must be common, ceil or floor");
    const double scale = std::pow(10.0, static_cast<double>(precision));
    const double scaled = number * scale;
    const double rounded = method == "ceil" ? std::ceil(scaled) : std::floor(scaled);
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
    Arguments none;
    const double bytes = toFloat(runtime, self, none).real();
    const bool isBinary = bound.flagOr(0, false);
    const double base = isBinary ? 1024 : 1000;
    if (bytes == 1) return runtime.makeString(OriginText("1 Byte", self.origin()));
    std::array<char, 64> buffer{};
    if (bytes < base) {
        std::snprintf(buffer.data(), buffer.size(), "%.0f Bytes", std::trunc(bytes));
        return runtime.makeString(OriginText(buffer.data(), self.origin()));
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
