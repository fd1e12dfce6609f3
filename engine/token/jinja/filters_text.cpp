#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "engine/token/jinja/filters.h"
#include "engine/token/jinja/string_functions.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja::filters {

namespace {

// A string stays as it is (with its safe mark), anything else becomes its str().
Value textOf(Runtime& runtime, const Value& value) {
    if (value.is(Kind::String)) {
        runtime.meter().spendBytes(value.text().size());
        return value;
    }
    return runtime.makeString(toText(runtime, value));
}

Value withText(Runtime& runtime, const Value& like, OriginText text) {
    return runtime.makeString(std::move(text), like.isMarkup());
}

}  // namespace

Value upper(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("upper", arguments, {}, 0);
    const Value text = textOf(runtime, self);
    return withText(runtime, text, toUpper(text.originText()));
}

Value lower(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("lower", arguments, {}, 0);
    const Value text = textOf(runtime, self);
    return withText(runtime, text, toLower(text.originText()));
}

Value capitalizeFilter(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("capitalize", arguments, {}, 0);
    const Value text = textOf(runtime, self);
    return withText(runtime, text, capitalize(text.originText()));
}

// Words begin behind white space, dashes and opening brackets only: unlike str.title, "it's" keeps
// its small s. The rest of a word is lowered as a text of its own.
Value title(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("title", arguments, {}, 0);
    const Value text = textOf(runtime, self);
    const std::string_view whole = text.text();
    const auto isBreakAt = [whole](std::size_t& offset) {
        const char32_t character = nextCodePoint(whole, offset);
        return isSpace(character) || character == '-' || character == '(' || character == '{' ||
               character == '[' || character == '<';
    };
    OriginText result;
    for (std::size_t start = 0; start < whole.size();) {
        std::size_t afterFirst = start;
        const bool isBreak = isBreakAt(afterFirst);
        std::size_t end = afterFirst;
        for (std::size_t next = end; end < whole.size() && isBreakAt(next) == isBreak;) end = next;
        const OriginText& all = text.originText();
        result.append(toUpper(all.slice(whole.substr(start, afterFirst - start))));
        result.append(toLower(all.slice(whole.substr(afterFirst, end - afterFirst))));
        start = end;
    }
    return runtime.makeString(std::move(result));
}

Value trim(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("trim", arguments, {"chars"}, 0);
    const Value text = textOf(runtime, self);
    const bool hasCharacters = bound.hasValue(0);
    const std::string_view kept = stripText(
        text.text(), hasCharacters ? bound.text(0) : std::string_view(), hasCharacters, true, true);
    return withText(runtime, text, text.originText().slice(kept));
}

Value replace(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("replace", arguments, {"old", "new", "count"}, 2);
    const OriginText text = toText(runtime, self), with = toText(runtime, bound.get(1));
    const OriginText part = toText(runtime, bound.get(0));
    const std::int64_t count = bound.hasValue(2) ? bound.integerOr(2, -1) : -1;
    return runtime.makeString(replaceText(text, part.bytes(), with, count));
}

Value indent(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("indent", arguments, {"width", "first", "blank"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (!self.is(Kind::String)) raise("indent needs a text, got '" + typeName(self) + "'");
    OriginText indention;
    if (bound.has(0) && bound.get(0).is(Kind::String)) {
        indention = bound.originText(0);
    } else {
        const std::int64_t width = std::max<std::int64_t>(bound.integerOr(0, 4), 0);
        if (width > 4096) raise("indent takes at most 4096 columns");
        indention = OriginText(std::string(static_cast<std::size_t>(width), ' '));
    }
    const bool isFirst = bound.flagOr(1, false), isBlank = bound.flagOr(2, false);
    // The added newline makes a last empty line count, as Jinja does it.
    OriginText text = self.originText();
    text.append("\n", text.originAt(text.size()));
    OriginText result;
    bool isFirstLine = true;
    for (const std::string_view line : splitLines(text.bytes(), false)) {
        const auto lineStart = static_cast<std::size_t>(line.data() - text.bytes().data());
        if (!isFirstLine) result.append("\n", text.originAt(lineStart - 1));
        const bool isIndented = isFirstLine ? isFirst : isBlank || !line.empty();
        if (isIndented) result.append(indention);
        result.append(text, line);
        isFirstLine = false;
        checkTextSize(result.size());
    }
    return withText(runtime, self, std::move(result));
}

Value center(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("center", arguments, {"width"}, 0);
    Arguments forwarded;
    forwarded.positional.push_back(Value::of(bound.integerOr(0, 80)));
    return findStringMethod("center")(runtime, textOf(runtime, self), forwarded);
}

Value truncate(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("truncate", arguments, {"length", "killwords", "end", "leeway"}, 0);
    const std::int64_t limit = bound.integerOr(0, 255), leeway = bound.integerOr(3, 5);
    if (limit < 0) raise("truncate: the length is negative");
    const OriginText end = bound.has(2) ? bound.originText(2) : OriginText("...");
    const std::int64_t kept = limit - countCodePoints(end.bytes());
    if (kept < 0) raise("truncate: the length is shorter than its end mark");
    const std::int64_t length = lengthOf(self);
    if (leeway < 0) raise("truncate: the leeway is negative");
    if (length <= limit || length - limit <= leeway) return self;
    if (!self.is(Kind::String)) raise("truncate needs a text, got '" + typeName(self) + "'");
    std::size_t offset = 0;
    for (std::int64_t taken = 0; taken < kept; ++taken) nextCodePoint(self.text(), offset);
    std::string_view text = self.text().substr(0, offset);
    const std::size_t space = text.rfind(' ');
    if (!bound.flagOr(1, false) && space != std::string_view::npos) text = text.substr(0, space);
    OriginText shortened = self.originText().slice(text);
    shortened.append(end);
    return withText(runtime, self, std::move(shortened));
}

Value wordCount(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("wordcount", arguments, {}, 0);
    const Value text = textOf(runtime, self);
    std::int64_t words = 0;
    bool isInWord = false;
    for (std::size_t offset = 0; offset < text.text().size();) {
        const char32_t character = nextCodePoint(text.text(), offset);
        const bool isWord = isWordCharacter(character);
        if (isWord && !isInWord) ++words;
        isInWord = isWord;
    }
    return Value::of(words);
}

Value urlEncode(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("urlencode", arguments, {}, 0);
    static constexpr std::string_view kSafe =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~/";
    const auto quote = [&](const Value& value, bool isQuery) {
        const OriginText text = toText(runtime, value);
        runtime.meter().spendBytes(text.size());
        OriginText result;
        for (std::size_t offset = 0; offset < text.size(); ++offset) {
            const char byte = text.bytes()[offset];
            const Origin origin = text.originAt(offset);
            const bool isSafe = kSafe.find(byte) != std::string_view::npos;
            if (isSafe && !(isQuery && byte == '/')) {
                result.append({&byte, 1}, origin);
            } else if (isQuery && byte == ' ') {
                result.append("+", origin);
            } else {
                char buffer[4];
                std::snprintf(buffer, sizeof buffer, "%%%02X", static_cast<unsigned char>(byte));
                result.append(buffer, origin);
            }
        }
        return result;
    };
    if (self.is(Kind::String) || !isIterable(self)) {
        return runtime.makeString(quote(self, false));
    }
    Values pairs;
    if (self.is(Kind::Dict)) {
        for (const auto& [key, value] : self.as<DictObject>().entries) {
            pairs.push_back(runtime.makePair(key, value));
        }
    } else {
        pairs = iterate(runtime, self);
    }
    OriginText result;
    bool isFirst = true;
    for (const Value& pair : pairs) {
        const Values parts = iterate(runtime, pair);
        if (parts.size() != 2) raise("urlencode needs pairs of a name and a value");
        if (!std::exchange(isFirst, false)) result.append("&");
        result.append(quote(parts[0], true));
        result.append("=");
        result.append(quote(parts[1], true));
        checkTextSize(result.size());
    }
    return runtime.makeString(std::move(result));
}

Value escape(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("escape", arguments, {}, 0);
    if (self.isMarkup()) return self;
    return runtime.makeString(escapeHtml(toText(runtime, self)), true);
}

Value forceEscape(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("forceescape", arguments, {}, 0);
    return runtime.makeString(escapeHtml(toText(runtime, self)), true);
}

Value safe(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("safe", arguments, {}, 0);
    return runtime.makeString(toText(runtime, self), true);
}

Value string(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("string", arguments, {}, 0);
    return textOf(runtime, self);
}

Value format(Runtime& runtime, const Value& self, Arguments& arguments) {
    const Value text = textOf(runtime, self);
    if (arguments.named.empty()) {
        return withText(
            runtime, text,
            formatPercent(runtime, text, runtime.makeTuple(std::move(arguments.positional))));
    }
    if (!arguments.positional.empty()) {
        raise("can't handle positional and keyword arguments at the same time");
    }
    auto dict = Runtime::startDict();
    for (auto& [name, value] : arguments.named) {
        dict->set(runtime.makeString(name), value, runtime.meter());
    }
    return withText(runtime, text,
                    formatPercent(runtime, text, runtime.finishDict(std::move(dict))));
}

// &#65; and the names that escaping writes; the many others of HTML stay as they are.
static OriginText unescapeHtml(const OriginText& whole) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames{
        {{"&amp;", "&"},
         {"&lt;", "<"},
         {"&gt;", ">"},
         {"&quot;", "\""},
         {"&apos;", "'"},
         {"&nbsp;", "\xc2\xa0"}}};
    const std::string_view text = whole.bytes();
    OriginText result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t start = at;
        const Origin origin = whole.originAt(start);
        const std::size_t end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
        ++at;
        if (end == std::string_view::npos || end - start > 10) {
            result.append(whole, text.substr(start, 1));
            continue;
        }
        const std::string_view name = text.substr(start, end + 1 - start);
        const auto known = std::find_if(kNames.begin(), kNames.end(),
                                        [name](const auto& row) { return row.first == name; });
        std::string meaning;
        if (known != kNames.end()) meaning = known->second;
        const bool isHexadecimal = name.size() > 4 && (name[2] | 0x20) == 'x';
        if (name.size() > 3 && name[1] == '#') {
            const std::string_view digits =
                name.substr(isHexadecimal ? 3 : 2, name.size() - (isHexadecimal ? 4 : 3));
            const auto number = BigInteger::parse(digits, isHexadecimal ? 16 : 10);
            const std::int64_t code = number ? number->toInt64().value_or(0) : 0;
            const bool isCharacter = code >= 0x20 && code <= 0x10ffff &&
                                     !(code >= 0x7f && code < 0xa0) &&
                                     !(code >= 0xd800 && code <= 0xdfff);
            if (isCharacter) appendCodePoint(meaning, static_cast<char32_t>(code));
        }
        if (meaning.empty()) {
            result.append(whole, text.substr(start, 1));
        } else {
            result.append(meaning, origin);
            at = end + 1;
        }
    }
    return result;
}

// Tags and comments go, runs of white space become one space.
Value stripTags(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("striptags", arguments, {}, 0);
    const OriginText whole = toText(runtime, self);
    const std::string& text = whole.bytes();
    runtime.meter().spendBytes(text.size());
    OriginText kept;
    // Where no end follows, none follows any later place either: each kind is sought in vain once.
    bool hasEnd[2] = {true, true};
    for (std::size_t at = 0; at < text.size();) {
        const bool isComment = text.compare(at, 4, "<!--") == 0;
        std::size_t end = std::string::npos;
        if (text[at] == '<' && hasEnd[isComment]) {
            end = text.find(isComment ? "-->" : ">", at);
            hasEnd[isComment] = end != std::string::npos;
            runtime.meter().spend(1);
        }
        if (end == std::string::npos) {
            kept.append(whole, std::string_view(text).substr(at++, 1));
        } else {
            at = end + (isComment ? 3 : 1);
        }
    }
    OriginText result;
    for (const std::string_view word : splitAtSpaces(kept.bytes(), -1)) {
        const auto wordStart = static_cast<std::size_t>(word.data() - kept.bytes().data());
        if (!result.empty()) result.append(" ", kept.originAt(wordStart - 1));
        result.append(kept, word);
    }
    return runtime.makeString(unescapeHtml(result));
}

Value tojson(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("tojson", arguments,
                               {"ensure_ascii", "indent", "separators", "sort_keys"}, 0);
    JsonStyle style;
    style.isAscii = bound.flagOr(0, false);
    style.isSortingKeys = bound.flagOr(3, false);
    if (bound.hasValue(1)) {
        style.hasIndent = true;
        style.itemSeparator = OriginText(",");
        if (bound.get(1).is(Kind::String)) {
            style.indent = bound.originText(1);
        } else {
            const std::int64_t width = std::max<std::int64_t>(bound.integerOr(1, 0), 0);
            if (width > 256) raise("tojson takes an indent of at most 256");
            style.indent = OriginText(std::string(static_cast<std::size_t>(width), ' '));
        }
    }
    if (bound.hasValue(2)) {
        const Values separators = iterate(runtime, bound.get(2));
        if (separators.size() != 2) raise("tojson needs two separators");
        style.itemSeparator = toText(runtime, separators[0]);
        style.keySeparator = toText(runtime, separators[1]);
    }
    return runtime.makeString(toJson(runtime, self, style));
}

}  // namespace sotto::jinja::filters
