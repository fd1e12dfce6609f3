// "…" % values and "…".format(…), as far as prompts need them.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

constexpr std::int64_t kMaxWidth = 4096;

// [[fill]align][sign][0][width][,][.precision][type]
struct Spec {
    std::string fill = " ";
    Origin origin = Origin::Template;  // of the format string here: of what fills the width
    char align = '\0';                 // '<', '>', '^'; '\0': by type
    char sign = '-';
    bool hasThousands = false;
    bool isZeroFilled = false;
    std::int64_t width = 0;
    std::int64_t precision = -1;
    char type = '\0';
};

std::int64_t takeNumber(std::string_view text, std::size_t& at) {
    std::int64_t number = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        number = number * 10 + (text[at++] - '0');
        if (number > kMaxWidth) raise("a width in a format string is too large");
    }
    return number;
}

OriginText pad(OriginText text, const Spec& spec, char defaultAlign) {
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

void insertThousands(std::string& digits) {
    std::size_t end = digits.find_first_not_of("0123456789");
    if (end == std::string::npos) end = digits.size();
    while (end > 3) {
        end -= 3;
        digits.insert(end, ",");
    }
}

std::string formatReal(double number, const Spec& spec, char type) {
    if (!std::isfinite(number)) return std::isnan(number) ? "nan" : "inf";
    const int precision = spec.precision < 0 ? 6 : static_cast<int>(spec.precision);
    // %f of the largest double has 309 digits before the point.
    std::string buffer(static_cast<std::size_t>(precision) + 330, '\0');
    const char form[] = {'%', '.', '*', type, '\0'};
    const int length =
        std::snprintf(buffer.data(), buffer.size(), form, precision, std::fabs(number));
    buffer.resize(static_cast<std::size_t>(std::max(length, 0)));
    return buffer;
}

std::string formatWhole(std::int64_t number, char type) {
    const auto magnitude = number < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number)
                                      : static_cast<std::uint64_t>(number);
    if (type == 'd' || type == '\0') return std::to_string(magnitude);
    char buffer[32];
    const char* form = type == 'x' ? "%llx" : type == 'X' ? "%llX" : "%llo";
    std::snprintf(buffer, sizeof buffer, form, static_cast<unsigned long long>(magnitude));
    return buffer;
}

OriginText formatNumber(const Value& value, const Spec& spec) {
    const bool isFloat = value.is(Kind::Float);
    std::string digits;
    bool isNegative = false;
    double real = value.toDouble();
    const bool isRealType =
        std::string_view("fFeEgG%").find(spec.type) != std::string_view::npos && spec.type != '\0';
    if (isRealType || (isFloat && spec.precision >= 0)) {
        isNegative = std::signbit(real);
        const char type = spec.type == '\0' ? 'g' : spec.type;
        digits =
            type == '%' ? formatReal(real * 100, spec, 'f') + "%" : formatReal(real, spec, type);
    } else if (isFloat) {
        if (spec.type != '\0') raise("Unknown format code for object of type 'float'");
        isNegative = std::signbit(real);
        appendFloat(digits, std::fabs(real));
    } else {
        if (std::string_view("dxXo").find(spec.type) == std::string_view::npos &&
            spec.type != '\0') {
            raise("Unknown format code for object of type 'int'");
        }
        isNegative = value.integer() < 0;
        digits = formatWhole(value.integer(), spec.type);
    }
    if (spec.hasThousands) insertThousands(digits);
    const std::string sign = isNegative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
    if (spec.isZeroFilled && spec.align == '\0') {
        const auto width = static_cast<std::size_t>(spec.width);
        const std::size_t length = sign.size() + digits.size();
        if (length < width) digits.insert(0, width - length, '0');
    }
    return pad(OriginText(sign + digits, value.origin()), spec, '>');
}

OriginText formatValue(Runtime& runtime, const Value& value, const Spec& spec) {
    if (value.is(Kind::Int) || value.is(Kind::Float) ||
        (value.is(Kind::Bool) && spec.type != '\0' && spec.type != 's')) {
        return formatNumber(value, spec);
    }
    if (spec.type != '\0' && spec.type != 's') {
        raise("Unknown format code '" + std::string(1, spec.type) + "' for object of type '" +
              typeName(value) + "'");
    }
    OriginText text = toText(runtime, value);
    if (spec.precision >= 0) {
        std::size_t end = 0;
        for (std::int64_t kept = 0; kept < spec.precision && end < text.size(); ++kept) {
            nextCodePoint(text.bytes(), end);
        }
        text = text.slice(std::string_view(text.bytes()).substr(0, end));
    }
    return pad(std::move(text), spec, '<');
}

Spec parseSpec(std::string_view text) {
    Spec spec;
    std::size_t at = 0;
    const auto isAlign = [&](std::size_t index) {
        return index < text.size() &&
               std::string_view("<>^").find(text[index]) != std::string_view::npos;
    };
    std::size_t behindFill = 0;
    if (!text.empty()) nextCodePoint(text, behindFill);
    if (isAlign(behindFill) && behindFill > 0) {
        spec.fill = text.substr(0, behindFill);
        spec.align = text[behindFill];
        at = behindFill + 1;
    } else if (isAlign(0)) {
        spec.align = text[at++];
    }
    if (at < text.size() && (text[at] == '+' || text[at] == ' ' || text[at] == '-')) {
        spec.sign = text[at++];
    }
    if (at < text.size() && text[at] == '0') {
        spec.isZeroFilled = true;
        ++at;
    }
    spec.width = takeNumber(text, at);
    if (at < text.size() && text[at] == ',') {
        spec.hasThousands = true;
        ++at;
    }
    if (at < text.size() && text[at] == '.') spec.precision = takeNumber(text, ++at);
    if (at < text.size()) spec.type = text[at++];
    if (at < text.size()) raise("Invalid format specifier");
    return spec;
}

// `piece` is a view into the bytes of `whole`.
void addChecked(OriginText& result, const OriginText& whole, std::string_view piece) {
    if (result.size() + piece.size() > kMaxStringBytes) {
        raise("the template makes a text that is too long");
    }
    result.append(whole, piece);
}

void addChecked(OriginText& result, const OriginText& piece) {
    addChecked(result, piece, piece.bytes());
}

}  // namespace

OriginText formatPercent(Runtime& runtime, const OriginText& whole, const Value& arguments) {
    const std::string_view format = whole.bytes();
    const bool isTuple =
        arguments.is(Kind::Sequence) && arguments.as<SequenceObject>().type == SequenceKind::Tuple;
    std::size_t used = 0;
    const auto nextArgument = [&]() -> Value {
        const std::size_t nArguments = isTuple ? arguments.as<SequenceObject>().items.size() : 1;
        if (used >= nArguments) raise("not enough arguments for format string");
        return isTuple ? arguments.as<SequenceObject>().items[used++] : (++used, arguments);
    };
    OriginText result;
    for (std::size_t at = 0; at < format.size();) {
        const std::size_t percent = std::min(format.find('%', at), format.size());
        addChecked(result, whole, format.substr(at, percent - at));
        if (percent >= format.size()) break;
        at = percent + 1;
        Value value;
        bool isNamed = false;
        if (at < format.size() && format[at] == '(') {
            const std::size_t close = format.find(')', at);
            if (close == std::string_view::npos || !arguments.is(Kind::Dict)) {
                raise("format requires a mapping");
            }
            value = getItem(runtime, arguments,
                            runtime.makeString(whole.slice(format.substr(at + 1, close - at - 1))));
            isNamed = true;
            used = 1;
            at = close + 1;
        }
        Spec spec;
        spec.origin = whole.originAt(percent);
        spec.align = '>';
        for (; at < format.size(); ++at) {
            if (format[at] == '-') {
                spec.align = '<';
            } else if (format[at] == '0') {
                spec.isZeroFilled = true;
            } else if (format[at] == '+' || format[at] == ' ') {
                spec.sign = format[at];
            } else {
                break;
            }
        }
        if (spec.isZeroFilled && spec.align == '>') spec.align = '\0';
        spec.width = takeNumber(format, at);
        if (at < format.size() && format[at] == '.') spec.precision = takeNumber(format, ++at);
        if (at >= format.size()) raise("incomplete format");
        spec.type = format[at++];
        if (spec.type == '%') {
            addChecked(result, whole, format.substr(percent, 1));
            continue;
        }
        if (!isNamed) value = nextArgument();
        if (spec.type == 'i' || spec.type == 'u') spec.type = 'd';
        if (spec.type == 'r') value = runtime.makeString(toRepr(runtime, value));
        if (spec.type == 'r') spec.type = 's';
        if (spec.type == 's') {
            value = runtime.makeString(toText(runtime, value));
        } else if (!value.isNumber()) {
            raise("%" + std::string(1, spec.type) + " format: a real number is required, not " +
                  typeName(value));
        } else if (spec.type == 'd' && value.is(Kind::Float)) {
            if (!(std::fabs(value.real()) < 9e18)) raise("the number is too large to format");
            value = Value::of(static_cast<std::int64_t>(value.real()));
        }
        addChecked(result, formatValue(runtime, value, spec));
    }
    const bool isLeftOver =
        isTuple ? used < arguments.as<SequenceObject>().items.size()
                : used == 0 && !arguments.is(Kind::Dict) && !arguments.is(Kind::Sequence);
    if (isLeftOver) raise("not all arguments converted during string formatting");
    return result;
}

OriginText formatBraces(Runtime& runtime, const OriginText& whole, Arguments& arguments) {
    const std::string_view format = whole.bytes();
    OriginText result;
    std::size_t nextIndex = 0;
    for (std::size_t at = 0; at < format.size();) {
        const char byte = format[at];
        const bool isDoubled = at + 1 < format.size() && format[at + 1] == byte;
        if (byte == '}' || byte == '{') {
            if (isDoubled) {
                addChecked(result, whole, format.substr(at, 1));
                at += 2;
                continue;
            }
            if (byte == '}') raise("Single '}' encountered in format string");
            const std::size_t close = format.find('}', at);
            if (close == std::string_view::npos) raise("expected '}' before end of string");
            const std::string_view field = format.substr(at + 1, close - at - 1);
            at = close + 1;
            const std::size_t colon = std::min(field.find(':'), field.size());
            std::string_view name = field.substr(0, colon);
            const bool isRepr = name.ends_with("!r");
            if (isRepr || name.ends_with("!s")) name.remove_suffix(2);
            const std::size_t nameEnd = std::min(name.find_first_of(".["), name.size());
            const std::string_view first = name.substr(0, nameEnd);
            if (nameEnd < name.size() && name[nameEnd] == '[') {
                raise("format fields with an index are not supported");
            }
            Value value;
            if (first.empty() || first.find_first_not_of("0123456789") == std::string_view::npos) {
                std::size_t digits = 0;
                const std::size_t index = first.empty()
                                              ? nextIndex++
                                              : static_cast<std::size_t>(takeNumber(first, digits));
                if (index >= arguments.positional.size()) {
                    raise("Replacement index " + std::to_string(index) +
                          " out of range for positional args tuple");
                }
                value = arguments.positional[index];
            } else {
                const auto found =
                    std::find_if(arguments.named.begin(), arguments.named.end(),
                                 [&](const auto& entry) { return entry.first == first; });
                if (found == arguments.named.end()) {
                    raise("format has no argument '" + std::string(first.substr(0, 60)) + "'");
                }
                value = found->second;
            }
            if (nameEnd < name.size()) {
                value = getPath(runtime, value,
                                runtime.makeString(whole.slice(name.substr(nameEnd + 1))));
            }
            if (isRepr) value = runtime.makeString(toRepr(runtime, value));
            Spec spec = colon < field.size() ? parseSpec(field.substr(colon + 1)) : Spec();
            spec.origin = whole.originAt(at - 1);
            addChecked(result, formatValue(runtime, value, spec));
            continue;
        }
        const std::size_t end = std::min(format.find_first_of("{}", at), format.size());
        addChecked(result, whole, format.substr(at, end - at));
        at = end;
    }
    return result;
}

}  // namespace sotto::jinja
