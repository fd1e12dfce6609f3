// "…" % values and "…".format(…), as far as prompts need them.
#include <algorithm>
#include <cmath>

#include "engine/token/jinja/format_spec.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

// repr() with every character beyond ASCII escaped: ascii().
OriginText toAscii(Runtime& runtime, const Value& value) {
    const OriginText whole = toRepr(runtime, value);
    OriginText result;
    for (std::size_t offset = 0; offset < whole.size();) {
        const std::size_t start = offset;
        const char32_t character = nextCodePoint(whole.bytes(), offset);
        if (character < 0x80) {
            result.append(whole, std::string_view(whole.bytes()).substr(start, 1));
        } else {
            result.append(unicodeEscape(character), whole.originAt(start));
        }
    }
    return result;
}

// What a conversion (!r, %a) makes of a value before it is formatted.
OriginText convert(Runtime& runtime, const Value& value, char conversion) {
    if (conversion == 'r') return toRepr(runtime, value);
    return conversion == 'a' ? toAscii(runtime, value) : toText(runtime, value);
}

// Text that is built of pieces, up to the longest that there may be.
class Builder {
public:
    // A safe format string escapes what is put into it, as markupsafe does.
    explicit Builder(bool isEscaping) : m_isEscaping(isEscaping) {}
    // `piece` is a view into the bytes of `whole`.
    void add(const OriginText& whole, std::string_view piece) {
        checkTextSize(m_result.size() + piece.size());
        m_result.append(whole, piece);
    }
    void addValue(const OriginText& text, bool isSafe) {
        const OriginText shown = m_isEscaping && !isSafe ? escapeHtml(text) : text;
        add(shown, shown.bytes());
    }
    OriginText take() { return std::move(m_result); }

private:
    bool m_isEscaping;
    OriginText m_result;
};

// The arguments of a % format: a tuple's items one by one, a mapping by name, or one value.
class PercentArguments {
public:
    PercentArguments(Runtime& runtime, const Value& arguments)
        : m_runtime(runtime), m_arguments(arguments) {
        m_isTuple = arguments.is(Kind::Sequence) &&
                    arguments.as<SequenceObject>().type == SequenceKind::Tuple;
    }
    Value next() {
        const std::size_t count = m_isTuple ? m_arguments.as<SequenceObject>().items.size() : 1;
        if (m_nUsed >= count) raise("not enough arguments for format string");
        const std::size_t index = m_nUsed++;
        return m_isTuple ? m_arguments.as<SequenceObject>().items[index] : m_arguments;
    }
    Value named(OriginText name) {
        if (!m_arguments.is(Kind::Dict)) raise("format requires a mapping");
        m_nUsed = 1;
        const Value* found = m_arguments.as<DictObject>().find(name.bytes(), m_runtime.meter());
        if (found == nullptr) raise("format has no argument '" + name.bytes().substr(0, 60) + "'");
        return *found;
    }
    // What can be indexed counts as a mapping, which may hold more than is used.
    void finish() const {
        const bool isMapping = m_arguments.is(Kind::Dict) || m_arguments.is(Kind::Sequence) ||
                               m_arguments.is(Kind::Undefined);
        const bool isLeftOver = m_isTuple ? m_nUsed < m_arguments.as<SequenceObject>().items.size()
                                          : m_nUsed == 0 && !isMapping;
        if (isLeftOver) raise("not all arguments converted during string formatting");
    }

private:
    Runtime& m_runtime;
    const Value& m_arguments;
    bool m_isTuple = false;
    std::size_t m_nUsed = 0;
};

// Negative where a "*" takes a negative number.
std::int64_t takeStarOrWidth(std::string_view format, std::size_t& at,
                             PercentArguments& arguments) {
    if (at >= format.size() || format[at] != '*') return takeWidth(format, at);
    ++at;
    const Value value = arguments.next();
    if (!value.is(Kind::Int) && !value.is(Kind::Bool)) raise("* wants int");
    const bool isNegative = value.integer() < 0;
    const std::string text = std::to_string(value.integer());
    std::size_t behind = isNegative ? 1 : 0;
    const std::int64_t width = takeWidth(text, behind);
    return isNegative ? -width : width;
}

// The end of a name in parentheses, which may hold pairs of its own.
std::size_t keyEnd(std::string_view format, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < format.size(); ++at) {
        if (format[at] == '(') ++depth;
        if (format[at] == ')' && --depth == 0) return at;
    }
    raise("incomplete format key");
}

void addPercentValue(Runtime& runtime, Builder& builder, const Value& value, FormatSpec spec,
                     bool isZeroFilled) {
    if (spec.type == 'i' || spec.type == 'u') spec.type = 'd';
    const bool isText = spec.type == 's' || spec.type == 'r' || spec.type == 'a';
    const bool isCharacter = spec.type == 'c' && value.is(Kind::String);
    if (isText || isCharacter) {
        if (isCharacter && countCodePoints(value.text()) != 1) raise("%c requires int or char");
        const OriginText text = convert(runtime, value, spec.type);
        const bool isSafe = value.isMarkup() && spec.type == 's';
        if (isCharacter) spec.precision = -1;
        spec.type = 's';
        spec.sign = '\0';
        spec.isAlternate = false;
        builder.addValue(formatText(text, spec), isSafe);
        return;
    }
    static constexpr std::string_view kTypes = "dxXoceEfFgG";
    if (kTypes.find(spec.type) == std::string_view::npos) {
        raise("unsupported format character '" + std::string(1, spec.type) + "'");
    }
    const bool isWholeOnly = std::string_view("xXoc").find(spec.type) != std::string_view::npos;
    if (!value.isNumber() || (isWholeOnly && !value.isWhole())) {
        raise("%" + std::string(1, spec.type) + " format: a real number is required, not " +
              typeName(value));
    }
    Value number = value;
    if (spec.type == 'd' && value.is(Kind::Float)) {
        if (!std::isfinite(value.real())) raise("cannot convert a float without end to integer");
        number = runtime.makeInteger(BigInteger::truncated(value.real())).from(value.origin());
    }
    const bool isWhole = spec.type == 'd' || isWholeOnly;
    if (spec.type == 'c') {
        spec.sign = '\0';
        spec.isAlternate = false;
        spec.precision = -1;
    } else if (isZeroFilled && spec.align != '<') {
        spec.fill = "0";
        spec.align = '=';
    }
    if (!isWhole || spec.precision < 0) {
        builder.addValue(formatNumber(runtime, number, spec), false);
        return;
    }
    // A whole number's precision is its least count of digits.
    FormatSpec digits = spec;
    digits.align = '=';
    digits.fill = "0";
    const bool hasSign = spec.sign != '\0' || number.toBigInteger().isNegative();
    const bool hasBase = spec.isAlternate && spec.type != 'd';
    digits.width = spec.precision + (hasSign ? 1 : 0) + (hasBase ? 2 : 0);
    if (spec.align == '=') digits.width = std::max(digits.width, spec.width);
    digits.precision = -1;
    FormatSpec outer = spec;
    outer.type = 's';
    outer.sign = '\0';
    outer.isAlternate = false;
    outer.precision = -1;
    if (outer.align == '=') outer.align = '>';
    if (outer.fill == "0") outer.fill = " ";
    builder.addValue(formatText(formatNumber(runtime, number, digits), outer), false);
}

}  // namespace

OriginText formatPercent(Runtime& runtime, const Value& self, const Value& values) {
    const OriginText& whole = self.originText();
    const std::string_view format = whole.bytes();
    PercentArguments arguments(runtime, values);
    Builder builder(self.isMarkup());
    for (std::size_t at = 0; at < format.size();) {
        const std::size_t percent = std::min(format.find('%', at), format.size());
        builder.add(whole, format.substr(at, percent - at));
        if (percent >= format.size()) break;
        at = percent + 1;
        if (format.substr(at).starts_with('%')) {
            builder.add(whole, format.substr(at++, 1));
            continue;
        }
        Value value;
        bool isNamed = false;
        if (at < format.size() && format[at] == '(') {
            const std::size_t close = keyEnd(format, at);
            value = arguments.named(whole.slice(format.substr(at + 1, close - at - 1)));
            isNamed = true;
            at = close + 1;
        }
        FormatSpec spec;
        spec.origin = whole.originAt(percent);
        spec.align = '>';
        bool isZeroFilled = false;
        for (; at < format.size(); ++at) {
            const char flag = format[at];
            if (flag == '-') {
                spec.align = '<';
            } else if (flag == '0') {
                isZeroFilled = true;
            } else if (flag == '+' || (flag == ' ' && spec.sign != '+')) {
                spec.sign = flag;
            } else if (flag == '#') {
                spec.isAlternate = true;
            } else if (flag != ' ') {
                break;
            }
        }
        spec.width = takeStarOrWidth(format, at, arguments);
        if (spec.width < 0) {
            spec.align = '<';
            spec.width = -spec.width;
        }
        if (at < format.size() && format[at] == '.') {
            spec.precision = std::max<std::int64_t>(takeStarOrWidth(format, ++at, arguments), 0);
        }
        // The size that C wants to know of.
        if (at < format.size() &&
            std::string_view("hlL").find(format[at]) != std::string_view::npos)
            ++at;
        if (at >= format.size()) raise("incomplete format");
        spec.type = format[at++];
        if (!isNamed) value = arguments.next();
        addPercentValue(runtime, builder, value, spec, isZeroFilled);
    }
    arguments.finish();
    return builder.take();
}

namespace {

// "…{…}…" of one str.format call; `whole` is the text with the braces.
class BraceFormatter {
public:
    BraceFormatter(Runtime& runtime, Arguments& arguments)
        : m_runtime(runtime), m_arguments(arguments) {}

    OriginText run(const OriginText& whole, bool isEscaping, int depth = 2) {
        if (depth == 0) raise("Max string recursion exceeded");
        const std::string_view format = whole.bytes();
        Builder builder(isEscaping);
        for (std::size_t at = 0; at < format.size();) {
            const char byte = format[at];
            if (byte != '{' && byte != '}') {
                const std::size_t end = std::min(format.find_first_of("{}", at), format.size());
                builder.add(whole, format.substr(at, end - at));
                at = end;
            } else if (at + 1 < format.size() && format[at + 1] == byte) {
                builder.add(whole, format.substr(at, 1));
                at += 2;
            } else {
                if (byte == '}') raise("Single '}' encountered in format string");
                const std::size_t close = closing(format, at);
                addField(builder, whole, format.substr(at + 1, close - at - 1), depth);
                at = close + 1;
            }
        }
        return builder.take();
    }

private:
    static std::size_t closing(std::string_view format, std::size_t open) {
        int depth = 0;
        for (std::size_t at = open; at < format.size(); ++at) {
            if (format[at] == '{') ++depth;
            if (format[at] == '}' && --depth == 0) return at;
        }
        raise("expected '}' before end of string");
    }

    void addField(Builder& builder, const OriginText& whole, std::string_view field, int depth) {
        // A bracket may hold colons and marks of its own.
        std::size_t nameEnd = 0;
        bool isInBrackets = false;
        for (; nameEnd < field.size(); ++nameEnd) {
            const char byte = field[nameEnd];
            if (byte == '[') isInBrackets = true;
            if (byte == ']') isInBrackets = false;
            if (!isInBrackets && (byte == ':' || byte == '!')) break;
        }
        Value value = fieldValue(whole, field.substr(0, nameEnd));
        std::string_view rest = field.substr(nameEnd);
        if (rest.starts_with('!')) {
            const char conversion = rest.size() > 1 ? rest[1] : '\0';
            if (std::string_view("rsa").find(conversion) == std::string_view::npos ||
                conversion == '\0' || (rest.size() > 2 && rest[2] != ':')) {
                raise("a conversion in a format string is !r, !s or !a");
            }
            value = m_runtime.makeString(convert(m_runtime, value, conversion));
            rest.remove_prefix(2);
        }
        OriginText written;
        if (rest.starts_with(':')) written = run(whole.slice(rest.substr(1)), false, depth - 1);
        const bool isSafe = value.isMarkup() && written.empty();
        builder.addValue(formatValue(value, written, whole, field), isSafe);
    }

    OriginText formatValue(const Value& value, const OriginText& written, const OriginText& whole,
                           std::string_view field) {
        if (written.empty()) return toText(m_runtime, value);
        FormatSpec spec = parseFormatSpec(written.bytes());
        spec.origin = whole.originAt(static_cast<std::size_t>(field.data() - whole.bytes().data()));
        if (value.isNumber()) return formatNumber(m_runtime, value, spec);
        if (value.is(Kind::String)) return formatText(value.originText(), spec);
        raise("unsupported format string passed to " + typeName(value) + ".__format__");
    }

    // "name", "0", "" and what follows of ".attribute" and "[key]".
    Value fieldValue(const OriginText& whole, std::string_view name) {
        const std::size_t firstEnd = std::min(name.find_first_of(".["), name.size());
        Value value = firstValue(name.substr(0, firstEnd), name);
        for (std::string_view rest = name.substr(firstEnd); !rest.empty();) {
            const bool isItem = rest[0] == '[';
            rest.remove_prefix(1);
            const std::size_t end =
                isItem ? rest.find(']') : std::min(rest.find_first_of(".["), rest.size());
            if (end == std::string_view::npos) raise("Missing ']' in format string");
            const std::string_view key = rest.substr(0, end);
            if (key.empty()) raise("Empty attribute in format string");
            rest.remove_prefix(end + (isItem ? 1 : 0));
            if (isItem && !rest.empty() && rest[0] != '.' && rest[0] != '[') {
                raise("Only '.' or '[' may follow ']' in format field specifier");
            }
            const Value text = m_runtime.makeString(whole.slice(key));
            std::size_t nDigits = 0;
            const bool isIndex = isItem && isAllDigits(key);
            value = !isItem   ? getAttribute(m_runtime, value, text)
                    : isIndex ? getItem(m_runtime, value, Value::of(takeWidth(key, nDigits)))
                              : getItem(m_runtime, value, text);
        }
        return value;
    }

    static bool isAllDigits(std::string_view text) {
        return text.find_first_not_of("0123456789") == std::string_view::npos;
    }

    // Of "0.real" the first part is a number too, but only a field that is all number is counted.
    Value firstValue(std::string_view name, std::string_view field) {
        if (!isAllDigits(name) || (name.empty() && !field.empty())) {
            for (const auto& [argument, value] : m_arguments.named) {
                if (argument == name) return value;
            }
            raise("format has no argument '" + std::string(name.substr(0, 60)) + "'");
        }
        if (isAllDigits(field)) {
            const Numbering numbering = name.empty() ? Numbering::Automatic : Numbering::Manual;
            if (m_numbering != Numbering::None && m_numbering != numbering) {
                raise("cannot switch between manual and automatic field numbering");
            }
            m_numbering = numbering;
        }
        std::size_t nDigits = 0;
        const std::size_t index =
            name.empty() ? m_nextIndex++ : static_cast<std::size_t>(takeWidth(name, nDigits));
        if (index >= m_arguments.positional.size()) {
            raise("Replacement index " + std::to_string(index) +
                  " out of range for positional args tuple");
        }
        return m_arguments.positional[index];
    }

    enum class Numbering : std::uint8_t { None, Automatic, Manual };

    Runtime& m_runtime;
    Arguments& m_arguments;
    Numbering m_numbering = Numbering::None;
    std::size_t m_nextIndex = 0;
};

}  // namespace

OriginText formatBraces(Runtime& runtime, const Value& self, Arguments& arguments) {
    return BraceFormatter(runtime, arguments).run(self.originText(), self.isMarkup());
}

}  // namespace sotto::jinja
