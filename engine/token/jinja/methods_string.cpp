// The methods of Python's str that templates use. All are linear in the text's length.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/token/jinja/runtime.h"
#include "engine/token/jinja/string_functions.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja {

namespace {

constexpr std::int64_t kMaxTabSize = 4096;

// Results keep the safe mark, as markupsafe's wrapped methods do.
Value same(Runtime& runtime, const Value& self, OriginText text) {
    return runtime.makeString(std::move(text), self.isMarkup());
}

// `part` is a view into the text of `self`.
Value partOf(Runtime& runtime, const Value& self, std::string_view part) {
    return same(runtime, self, self.originText().slice(part));
}

enum class Side : std::uint8_t { Left, Right, Both };

Value stripSide(Runtime& runtime, const Value& self, Arguments& arguments, Side side) {
    const BoundArguments bound("strip", arguments, {"chars"}, 0);
    const bool hasCharacters = bound.hasValue(0);
    const std::string_view stripped =
        stripText(self.text(), hasCharacters ? bound.text(0) : std::string_view(), hasCharacters,
                  side != Side::Right, side != Side::Left);
    return partOf(runtime, self, stripped);
}

Value strip(Runtime& runtime, const Value& self, Arguments& arguments) {
    return stripSide(runtime, self, arguments, Side::Both);
}
Value lstrip(Runtime& runtime, const Value& self, Arguments& arguments) {
    return stripSide(runtime, self, arguments, Side::Left);
}
Value rstrip(Runtime& runtime, const Value& self, Arguments& arguments) {
    return stripSide(runtime, self, arguments, Side::Right);
}

Value splitSide(Runtime& runtime, const Value& self, Arguments& arguments, bool isFromRight) {
    const BoundArguments bound("split", arguments, {"sep", "maxsplit"}, 0);
    const std::int64_t maxSplits = bound.integerOr(1, -1);
    std::vector<std::string_view> parts;
    if (bound.hasValue(0)) {
        if (bound.text(0).empty()) raise("empty separator");
        parts = isFromRight ? splitFromRight(self.text(), bound.text(0), maxSplits)
                            : splitText(self.text(), bound.text(0), maxSplits);
    } else {
        parts = isFromRight ? splitAtSpacesFromRight(self.text(), maxSplits)
                            : splitAtSpaces(self.text(), maxSplits);
    }
    runtime.meter().spend(static_cast<std::int64_t>(parts.size()));
    Values items;
    items.reserve(parts.size());
    for (const std::string_view part : parts) {
        items.push_back(partOf(runtime, self, part));
    }
    return runtime.makeList(std::move(items));
}

Value split(Runtime& runtime, const Value& self, Arguments& arguments) {
    return splitSide(runtime, self, arguments, false);
}
Value rsplit(Runtime& runtime, const Value& self, Arguments& arguments) {
    return splitSide(runtime, self, arguments, true);
}

Value splitIntoLines(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("splitlines", arguments, {"keepends"}, 0);
    Values items;
    for (const std::string_view line : splitLines(self.text(), bound.flagOr(0, false))) {
        items.push_back(partOf(runtime, self, line));
    }
    return runtime.makeList(std::move(items));
}

Value partitionSide(Runtime& runtime, const Value& self, Arguments& arguments, bool isLast) {
    const BoundArguments bound("partition", arguments, {"sep"}, 1);
    const std::string_view text = self.text(), separator = bound.text(0);
    if (separator.empty()) raise("empty separator");
    const std::size_t at = isLast ? findLastText(text, separator) : findText(text, separator);
    std::array<OriginText, 3> parts;
    if (at != std::string_view::npos) {
        parts = {self.originText().slice(text.substr(0, at)), bound.originText(0),
                 self.originText().slice(text.substr(at + separator.size()))};
    } else {
        parts[isLast ? 2 : 0] = self.originText();
    }
    Values items;
    for (OriginText& part : parts) items.push_back(same(runtime, self, std::move(part)));
    return runtime.makeTuple(std::move(items));
}

Value partition(Runtime& runtime, const Value& self, Arguments& arguments) {
    return partitionSide(runtime, self, arguments, false);
}
Value rpartition(Runtime& runtime, const Value& self, Arguments& arguments) {
    return partitionSide(runtime, self, arguments, true);
}

// The text between the optional arguments `start` and `end` (code points), as Python slices it;
// nothing, not even an empty text, where `start` lies behind the end of the whole.
std::optional<std::string_view> window(Runtime& runtime, const Value& self,
                                       const BoundArguments& bound) {
    const auto argument = [&](std::size_t index) {
        return bound.has(index) ? bound.get(index) : Value::none();
    };
    if (!bound.hasValue(1) && !bound.hasValue(2)) return self.text();
    const Value part = getSlice(runtime, self, {argument(1), argument(2), Value::none()});
    // Find the slice's place again: its start in code points from the left.
    const std::int64_t length = lengthOf(self);
    std::int64_t start = bound.hasValue(1) ? bound.integerOr(1, 0) : 0;
    if (start > length) return std::nullopt;
    start = std::max<std::int64_t>(start < 0 ? start + length : start, 0);
    std::size_t offset = 0;
    for (std::int64_t skipped = 0; skipped < start; ++skipped) nextCodePoint(self.text(), offset);
    return self.text().substr(offset, part.text().size());
}

bool matchesAny(const Value& affixes, const char* method, auto matches) {
    if (affixes.is(Kind::String)) return matches(affixes.text());
    const bool isTuple =
        affixes.is(Kind::Sequence) && affixes.as<SequenceObject>().type == SequenceKind::Tuple;
    if (!isTuple) {
        raise(std::string(method) + " first arg must be str or a tuple of str, not " +
              typeName(affixes));
    }
    const Values& items = affixes.as<SequenceObject>().items;
    return std::any_of(items.begin(), items.end(), [&](const Value& item) {
        return item.is(Kind::String) && matches(item.text());
    });
}

Value startsWith(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("startswith", arguments, {"prefix", "start", "end"}, 1);
    const auto text = window(runtime, self, bound);
    return Value::of(matchesAny(bound.get(0), "startswith", [&](std::string_view affix) {
        return text && text->starts_with(affix);
    }));
}

Value endsWith(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("endswith", arguments, {"suffix", "start", "end"}, 1);
    const auto text = window(runtime, self, bound);
    return Value::of(matchesAny(bound.get(0), "endswith", [&](std::string_view affix) {
        return text && text->ends_with(affix);
    }));
}

std::int64_t search(Runtime& runtime, const Value& self, Arguments& arguments, bool isLast) {
    const BoundArguments bound("find", arguments, {"sub", "start", "end"}, 1);
    const auto within = window(runtime, self, bound);
    if (!within) return -1;
    const std::string_view text = *within;
    const std::size_t at =
        isLast ? findLastText(text, bound.text(0)) : findText(text, bound.text(0));
    if (at == std::string_view::npos) return -1;
    const std::size_t before = static_cast<std::size_t>(text.data() - self.text().data());
    return countCodePoints(self.text().substr(0, before + at));
}

Value find(Runtime& runtime, const Value& self, Arguments& arguments) {
    return Value::of(search(runtime, self, arguments, false));
}
Value rfind(Runtime& runtime, const Value& self, Arguments& arguments) {
    return Value::of(search(runtime, self, arguments, true));
}
Value textIndex(Runtime& runtime, const Value& self, Arguments& arguments) {
    const std::int64_t found = search(runtime, self, arguments, false);
    if (found < 0) raise("substring not found");
    return Value::of(found);
}

Value textRindex(Runtime& runtime, const Value& self, Arguments& arguments) {
    const std::int64_t found = search(runtime, self, arguments, true);
    if (found < 0) raise("substring not found");
    return Value::of(found);
}

Value textCount(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("count", arguments, {"sub", "start", "end"}, 1);
    const auto within = window(runtime, self, bound);
    const std::string_view part = bound.text(0);
    if (!within) return Value::of(std::int64_t{0});
    const std::string_view text = *within;
    if (part.empty()) return Value::of(countCodePoints(text) + 1);
    std::int64_t found = 0;
    for (std::size_t at = findText(text, part); at != std::string_view::npos;
         at = findText(text, part, at + part.size())) {
        ++found;
    }
    return Value::of(found);
}

Value replace(Runtime& runtime, const Value& self, Arguments& arguments) {
    // By position only, as before Python 3.13: templates are tested against that.
    if (!arguments.named.empty()) raise("str.replace() takes no keyword arguments");
    const BoundArguments bound("replace", arguments, {"old", "new", "count"}, 2);
    return same(
        runtime, self,
        replaceText(self.originText(), bound.text(0), bound.originText(1), bound.integerOr(2, -1)));
}

Value removePrefix(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("removeprefix", arguments, {"prefix"}, 1);
    std::string_view text = self.text();
    if (text.starts_with(bound.text(0))) text.remove_prefix(bound.text(0).size());
    return partOf(runtime, self, text);
}

Value removeSuffix(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("removesuffix", arguments, {"suffix"}, 1);
    std::string_view text = self.text();
    if (text.ends_with(bound.text(0))) text.remove_suffix(bound.text(0).size());
    return partOf(runtime, self, text);
}

template <auto function>
Value mapped(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("method", arguments, {}, 0);
    return same(runtime, self, function(self.originText()));
}

template <auto function>
Value tested(Runtime&, const Value& self, Arguments& arguments) {
    const BoundArguments bound("method", arguments, {}, 0);
    return Value::of(bool{function(self.text())});
}

Value join(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("join", arguments, {"iterable"}, 1);
    OriginText result;
    bool isFirst = true;
    for (const Value& item : iterate(runtime, bound.get(0))) {
        if (!item.is(Kind::String)) {
            raise("sequence item: expected str instance, " + typeName(item) + " found");
        }
        runtime.meter().spendBytes(item.text().size() + self.text().size());
        if (!isFirst) result.append(self.originText());
        isFirst = false;
        const bool isEscaping = self.isMarkup() && !item.isMarkup();
        result.append(isEscaping ? escapeHtml(item.originText()) : item.originText());
        checkTextSize(result.size());
    }
    return same(runtime, self, std::move(result));
}

enum class Align : std::uint8_t { Left, Right, Center };

template <Align align>
Value justify(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("justify", arguments, {"width", "fillchar"}, 1);
    const OriginText fill = bound.has(1) ? bound.originText(1) : OriginText(" ");
    if (countCodePoints(fill.bytes()) != 1)
        raise("The fill character must be exactly one character long");
    const std::int64_t width = std::max<std::int64_t>(bound.integerOr(0, 0), 0);
    checkTextSize(static_cast<std::size_t>(width));
    const std::int64_t missing = std::max<std::int64_t>(width - lengthOf(self), 0);
    std::int64_t left = align == Align::Left ? 0 : missing;
    if (align == Align::Center) left = missing / 2 + (missing & width & 1);
    OriginText result;
    for (std::int64_t done = 0; done < left; ++done) result.append(fill);
    result.append(self.originText());
    for (std::int64_t done = left; done < missing; ++done) result.append(fill);
    return same(runtime, self, std::move(result));
}

Value zeroFill(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("zfill", arguments, {"width"}, 1);
    const std::int64_t width = std::max<std::int64_t>(bound.integerOr(0, 0), 0);
    checkTextSize(static_cast<std::size_t>(width));
    const std::string_view text = self.text();
    const std::int64_t missing = std::max<std::int64_t>(width - lengthOf(self), 0);
    const bool hasSign = !text.empty() && (text[0] == '-' || text[0] == '+');
    OriginText result = self.originText().slice(text.substr(0, hasSign ? 1 : 0));
    result.append(std::string(static_cast<std::size_t>(missing), '0'), self.origin());
    result.append(self.originText(), text.substr(hasSign ? 1 : 0));
    return same(runtime, self, std::move(result));
}

Value format(Runtime& runtime, const Value& self, Arguments& arguments) {
    return same(runtime, self, formatBraces(runtime, self, arguments));
}

Value formatMap(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("format_map", arguments, {"mapping"}, 1);
    Arguments named;
    if (!bound.get(0).is(Kind::Dict)) raise("format_map() needs a mapping");
    for (const auto& [key, value] : bound.get(0).as<DictObject>().entries) {
        if (key.is(Kind::String)) named.named.emplace_back(key.originText(), value);
    }
    return same(runtime, self, formatBraces(runtime, self, named));
}

Value expandTabs(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("expandtabs", arguments, {"tabsize"}, 0);
    const std::int64_t size = bound.integerOr(0, 8);
    if (size > kMaxTabSize) raise("expandtabs() takes at most 4096 columns");
    const std::string_view text = self.text();
    OriginText result;
    std::int64_t column = 0;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t character = nextCodePoint(text, offset);
        if (character == '\t') {
            const std::int64_t count = size > 0 ? size - column % size : 0;
            result.append(std::string(static_cast<std::size_t>(count), ' '),
                          self.originText().originAt(start));
            column += count;
        } else {
            result.append(self.originText(), text.substr(start, offset - start));
            column = character == '\n' || character == '\r' ? 0 : column + 1;
        }
        checkTextSize(result.size());
    }
    return same(runtime, self, std::move(result));
}

// A dict of what becomes of characters, by their numbers: a text, a number or None.
Value translate(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("translate", arguments, {"table"}, 1);
    if (!bound.get(0).is(Kind::Dict)) raise("translate() needs a dict");
    const auto& table = bound.get(0).as<DictObject>();
    const std::string_view text = self.text();
    OriginText result;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const auto character = static_cast<std::int64_t>(nextCodePoint(text, offset));
        const Value* found = table.find(Value::of(character), runtime.meter());
        if (found == nullptr) {
            result.append(self.originText(), text.substr(start, offset - start));
        } else if (found->is(Kind::String)) {
            result.append(found->originText());
        } else if (found->is(Kind::Int)) {
            const std::int64_t code = found->integer();
            if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
                raise("character mapping must be in range(0x110000)");
            }
            std::string mapped;
            appendCodePoint(mapped, static_cast<char32_t>(code));
            result.append(mapped, self.originText().originAt(start));
        } else if (!found->is(Kind::None)) {
            raise("character mapping must return integer, None or str");
        }
        checkTextSize(result.size());
    }
    return same(runtime, self, std::move(result));
}

// The table for translate(), of a dict or of two texts of the same length and one of what goes.
Value makeTranslation(Runtime& runtime, const Value&, Arguments& arguments) {
    const BoundArguments bound("maketrans", arguments, {"x", "y", "z"}, 1);
    auto dict = Runtime::startDict();
    const auto add = [&](std::string_view text, auto valueAt) {
        std::size_t index = 0;
        for (std::size_t offset = 0; offset < text.size(); ++index) {
            const auto character = static_cast<std::int64_t>(nextCodePoint(text, offset));
            dict->set(Value::of(character), valueAt(index), runtime.meter());
        }
    };
    if (!bound.has(1)) {
        if (!bound.get(0).is(Kind::Dict)) raise("maketrans() with one argument needs a dict");
        for (const auto& [key, value] : bound.get(0).as<DictObject>().entries) {
            const bool isCharacter = key.is(Kind::String) && lengthOf(key) == 1;
            if (!isCharacter && !key.is(Kind::Int)) {
                raise("keys in translate table must be characters or integers");
            }
            if (isCharacter) {
                add(key.text(), [&entry = value](std::size_t) { return entry; });
            } else {
                dict->set(key, value, runtime.meter());
            }
        }
        return runtime.finishDict(std::move(dict));
    }
    std::vector<std::int64_t> others;
    for (std::size_t offset = 0; offset < bound.text(1).size();) {
        others.push_back(static_cast<std::int64_t>(nextCodePoint(bound.text(1), offset)));
    }
    if (countCodePoints(bound.text(0)) != static_cast<std::int64_t>(others.size())) {
        raise("the first two maketrans arguments must have equal length");
    }
    add(bound.text(0), [&](std::size_t index) { return Value::of(others[index]); });
    if (bound.has(2)) add(bound.text(2), [](std::size_t) { return Value::none(); });
    return runtime.finishDict(std::move(dict));
}

// encode is not there: a template has no bytes.
constexpr std::array<std::pair<std::string_view, Function>, 46> kMethods{
    {{"strip", strip},
     {"lstrip", lstrip},
     {"rstrip", rstrip},
     {"split", split},
     {"rsplit", rsplit},
     {"splitlines", splitIntoLines},
     {"partition", partition},
     {"rpartition", rpartition},
     {"startswith", startsWith},
     {"endswith", endsWith},
     {"find", find},
     {"rfind", rfind},
     {"index", textIndex},
     {"rindex", textRindex},
     {"count", textCount},
     {"replace", replace},
     {"removeprefix", removePrefix},
     {"removesuffix", removeSuffix},
     {"upper", mapped<toUpper>},
     {"lower", mapped<toLower>},
     {"casefold", mapped<toFolded>},
     {"title", mapped<toTitle>},
     {"capitalize", mapped<capitalize>},
     {"swapcase", mapped<swapCase>},
     {"join", join},
     {"ljust", justify<Align::Left>},
     {"rjust", justify<Align::Right>},
     {"center", justify<Align::Center>},
     {"zfill", zeroFill},
     {"format", format},
     {"format_map", formatMap},
     {"expandtabs", expandTabs},
     {"translate", translate},
     {"maketrans", makeTranslation},
     {"isalpha", tested<isAlpha>},
     {"isdigit", tested<isDigits>},
     {"isdecimal", tested<isDecimals>},
     {"isnumeric", tested<isNumeric>},
     {"isalnum", tested<isAlphaNumeric>},
     {"isspace", tested<isAllSpace>},
     {"isupper", tested<isUpper>},
     {"islower", tested<isLower>},
     {"isascii", tested<isAscii>},
     {"istitle", tested<isTitle>},
     {"isidentifier", tested<isIdentifier>},
     {"isprintable", tested<isAllPrintable>}}};

}  // namespace

Function findStringMethod(std::string_view name) {
    for (const auto& [methodName, method] : kMethods) {
        if (methodName == name) return method;
    }
    return nullptr;
}

}  // namespace sotto::jinja
