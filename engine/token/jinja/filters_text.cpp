#include <algorithm>
#include <cstdio>

#include "engine/token/jinja/filters.h"
#include "engine/token/jinja/limits.h"
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
// its small s.
Value title(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("title", arguments, {}, 0);
    const Value text = textOf(runtime, self);
    OriginText result;
    bool isWordStart = true;
    for (std::size_t offset = 0; offset < text.text().size();) {
        const std::size_t start = offset;
        const char32_t character = nextCodePoint(text.text(), offset);
        const bool isBreak = isSpace(character) || character == '-' || character == '(' ||
                             character == '{' || character == '[' || character == '<';
        const OriginText piece = text.originText().slice(text.text().substr(start, offset - start));
        result.append(isWordStart ? toUpper(piece) : toLower(piece));
        isWordStart = isBreak;
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
        if (result.size() > kMaxStringBytes) raise("the template makes a text that is too long");
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
    if (!self.is(Kind::String)) raise("truncate needs a text, got '" + typeName(self) + "'");
    const std::int64_t limit = bound.integerOr(0, 255), leeway = bound.integerOr(3, 5);
    if (limit < 0) raise("truncate: the length is negative");
    const OriginText end = bound.has(2) ? bound.originText(2) : OriginText("...");
    const std::int64_t kept = limit - countCodePoints(end.bytes());
    if (kept < 0) raise("truncate: the length is shorter than its end mark");
    const std::int64_t length = lengthOf(self);
    if (length <= limit || length - limit <= leeway) return self;
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
        const bool isWord =
            isAlphabetic(character) || character == '_' || (character >= '0' && character <= '9');
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
    if (!self.is(Kind::Dict)) return runtime.makeString(quote(self, false));
    OriginText result;
    for (const auto& [key, value] : self.as<DictObject>().entries) {
        if (!result.empty()) result.append("&");
        result.append(quote(key, true));
        result.append("=");
        result.append(quote(value, true));
        if (result.size() > kMaxStringBytes) raise("the template makes a text that is too long");
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
        return withText(runtime, text,
                        formatPercent(runtime, text.originText(),
                                      runtime.makeTuple(std::move(arguments.positional))));
    }
    if (!arguments.positional.empty()) {
        raise("can't handle positional and keyword arguments at the same time");
    }
    auto dict = Runtime::startDict();
    for (auto& [name, value] : arguments.named) {
        dict->set(runtime.makeString(name), value, runtime.meter());
    }
    return withText(runtime, text,
                    formatPercent(runtime, text.originText(), runtime.finishDict(std::move(dict))));
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
    return runtime.makeString(std::move(result));
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
