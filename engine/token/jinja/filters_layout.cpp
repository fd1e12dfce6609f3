// Filters that lay text out: wordwrap (Python's textwrap), pprint (Python's pprint), xmlattr.
#include <algorithm>

#include "engine/token/jinja/filters.h"
#include "engine/token/jinja/string_functions.h"
#include "engine/token/jinja/unicode.h"

namespace sotto::jinja::filters {

namespace {

// Only these separate words; other white space is part of them.
bool isBlank(char32_t character) {
    return (character >= 0x09 && character <= 0x0d) || character == ' ';
}

// A line that is wrapped, by characters.
class Wrapper {
public:
    struct Style {
        std::int64_t width = 79;
        bool isBreakingLongWords = true;
        bool isBreakingOnHyphens = true;
    };

    Wrapper(std::string_view line, const Style& style) : m_line(line), m_style(style) {
        for (std::size_t offset = 0; offset < line.size();) {
            m_offsets.push_back(offset);
            m_characters.push_back(nextCodePoint(line, offset));
        }
        m_offsets.push_back(line.size());
    }

    // Views into the line.
    std::vector<std::string_view> run() {
        std::vector<std::string_view> lines;
        std::vector<Chunk> chunks = split();
        std::reverse(chunks.begin(), chunks.end());
        const auto width = static_cast<std::size_t>(m_style.width);
        while (!chunks.empty()) {
            if (!lines.empty() && isSpaces(chunks.back())) chunks.pop_back();
            if (chunks.empty()) break;
            const std::size_t start = chunks.back().begin;
            Chunk last{start, start};
            std::size_t end = start;
            while (!chunks.empty() && chunks.back().end - start <= width) {
                last = chunks.back();
                end = last.end;
                chunks.pop_back();
            }
            if (!chunks.empty() && chunks.back().end - chunks.back().begin > width) {
                const std::size_t taken = longWordEnd(chunks.back(), end - start);
                // Python takes an empty part of a word too, and then keeps the space before it.
                if (taken > end || m_style.isBreakingLongWords) last = {end, taken};
                end = taken;
                chunks.back().begin = end;
                if (chunks.back().begin == chunks.back().end) chunks.pop_back();
            }
            if (isSpaces(last)) end = last.begin;
            if (end > start) lines.push_back(part({start, end}));
        }
        return lines;
    }

private:
    struct Chunk {
        std::size_t begin, end;  // characters
    };

    std::string_view part(const Chunk& chunk) const {
        return m_line.substr(m_offsets[chunk.begin], m_offsets[chunk.end] - m_offsets[chunk.begin]);
    }

    bool isSpaces(const Chunk& chunk) const {
        return std::all_of(m_characters.begin() + static_cast<std::ptrdiff_t>(chunk.begin),
                           m_characters.begin() + static_cast<std::ptrdiff_t>(chunk.end), isSpace);
    }

    // Where the part of a word that is wider than a line ends on this line.
    std::size_t longWordEnd(const Chunk& word, std::size_t nUsed) const {
        if (!m_style.isBreakingLongWords) return nUsed == 0 ? word.end : word.begin;
        const std::size_t end = word.begin + static_cast<std::size_t>(m_style.width) - nUsed;
        if (!m_style.isBreakingOnHyphens) return end;
        for (std::size_t hyphen = end; hyphen-- > word.begin + 1;) {
            if (m_characters[hyphen] != '-') continue;
            for (std::size_t at = word.begin; at < hyphen; ++at) {
                if (m_characters[at] != '-') return hyphen + 1;
            }
            break;
        }
        return end;
    }

    bool isLetter(std::size_t at) const {
        return at < m_characters.size() && isWordCharacter(m_characters[at]) &&
               !hasProperty(m_characters[at], Property::Decimal);
    }
    bool isHyphen(std::size_t at) const {
        return at < m_characters.size() && m_characters[at] == '-';
    }

    // The end of two dashes or more at `at` between words, or `at`.
    std::size_t dashEnd(std::size_t at) const {
        static constexpr std::u32string_view kMarks = U"!\"'&.,?";
        if (at == 0 || !isHyphen(at) || !isHyphen(at + 1)) return at;
        const char32_t before = m_characters[at - 1];
        if (!isWordCharacter(before) && kMarks.find(before) == std::u32string_view::npos) return at;
        std::size_t end = at;
        while (isHyphen(end)) ++end;
        const bool isBeforeWord = end < m_characters.size() && isWordCharacter(m_characters[end]);
        return isBeforeWord ? end : at;
    }

    // Whether a word may be divided behind the hyphen at `at`.
    bool isDividing(std::size_t at, std::size_t wordBegin) const {
        if (!isHyphen(at) || at == wordBegin) return false;
        const bool isBehindTwo = at >= 2 && isLetter(at - 1) && isLetter(at - 2);
        const bool isBehindPair =
            at >= 3 && isLetter(at - 1) && isHyphen(at - 2) && isLetter(at - 3);
        const std::size_t second = isHyphen(at + 2) ? at + 3 : at + 2;
        return (isBehindTwo || isBehindPair) && isLetter(at + 1) && isLetter(second);
    }

    std::size_t chunkEnd(std::size_t begin) const {
        std::size_t end = begin;
        const auto isBlankAt = [this](std::size_t at) { return isBlank(m_characters[at]); };
        if (isBlankAt(begin)) {
            while (end < m_characters.size() && isBlankAt(end)) ++end;
            return end;
        }
        if (m_style.isBreakingOnHyphens && dashEnd(begin) > begin) return dashEnd(begin);
        for (++end; end < m_characters.size() && !isBlankAt(end); ++end) {
            if (!m_style.isBreakingOnHyphens) continue;
            if (isDividing(end, begin)) return end + 1;
            if (dashEnd(end) > end) return end;
        }
        return end;
    }

    std::vector<Chunk> split() const {
        std::vector<Chunk> chunks;
        for (std::size_t begin = 0; begin < m_characters.size();) {
            const std::size_t end = chunkEnd(begin);
            chunks.push_back({begin, end});
            begin = end;
        }
        return chunks;
    }

    std::string_view m_line;
    Style m_style;
    std::u32string m_characters;
    std::vector<std::size_t> m_offsets;  // of each character, and the end
};

// Python's pprint with its defaults: 80 columns, dicts sorted.
class PrettyPrinter {
public:
    explicit PrettyPrinter(Runtime& runtime) : m_runtime(runtime) {}

    OriginText run(const Value& value) {
        write(sorted(value), 0, 0, 1);
        return std::move(m_out);
    }

private:
    static constexpr std::size_t kWidth = 80;

    // The value with the keys of all its dicts in order.
    Value sorted(const Value& value) {
        const Runtime::Level level(m_runtime);
        if (value.is(Kind::Sequence) && value.as<SequenceObject>().type <= SequenceKind::Tuple) {
            const auto& sequence = value.as<SequenceObject>();
            Values items;
            for (const Value& item : sequence.items) items.push_back(sorted(item));
            return m_runtime.makeSequence(sequence.type, std::move(items));
        }
        if (!value.is(Kind::Dict)) return value;
        auto entries = value.as<DictObject>().entries;
        std::stable_sort(entries.begin(), entries.end(), [this](const auto& a, const auto& b) {
            return isKeyLess(a.first, b.first);
        });
        auto dict = Runtime::startDict();
        for (auto& [key, item] : entries) dict->set(key, sorted(item), m_runtime.meter());
        return m_runtime.finishDict(std::move(dict));
    }

    // Keys of kinds that cannot be compared are in order of their types' names.
    bool isKeyLess(const Value& left, const Value& right) {
        const bool isComparable = (left.isNumber() && right.isNumber()) ||
                                  (left.is(Kind::String) && right.is(Kind::String));
        if (isComparable) return isLess(m_runtime, left, right);
        return typeName(left) < typeName(right);
    }

    // `nBehind`: columns that what follows on the last line needs.
    void write(const Value& value, std::size_t column, std::size_t nBehind, int level) {
        const OriginText whole = toRepr(m_runtime, value);
        const bool isFitting = columns(whole) + column + nBehind <= kWidth;
        if (!isFitting && value.is(Kind::Dict)) {
            writeDict(value.as<DictObject>(), column, nBehind, level);
        } else if (!isFitting && value.is(Kind::String) && !value.isMarkup()) {
            writeText(value.originText(), column, nBehind, level);
        } else if (!isFitting && value.is(Kind::Sequence) &&
                   value.as<SequenceObject>().type <= SequenceKind::Tuple) {
            const auto& sequence = value.as<SequenceObject>();
            const bool isTuple = sequence.type == SequenceKind::Tuple;
            const std::string_view end = !isTuple ? "]" : sequence.items.size() == 1 ? ",)" : ")";
            m_out.append(isTuple ? "(" : "[");
            for (std::size_t index = 0; index < sequence.items.size(); ++index) {
                const bool isLast = index + 1 == sequence.items.size();
                write(sequence.items[index], column + 1, isLast ? nBehind + end.size() : 1,
                      level + 1);
                if (!isLast) newLine(",", column + 1);
            }
            m_out.append(end);
        } else {
            m_out.append(whole);
        }
        checkTextSize(m_out.size());
    }

    void writeDict(const DictObject& dict, std::size_t column, std::size_t nBehind, int level) {
        m_out.append("{");
        for (std::size_t index = 0; index < dict.entries.size(); ++index) {
            const auto& [key, item] = dict.entries[index];
            const bool isLast = index + 1 == dict.entries.size();
            const OriginText name = toRepr(m_runtime, key);
            m_out.append(name);
            m_out.append(": ");
            write(item, column + 1 + columns(name) + 2, isLast ? nBehind + 1 : 1, level + 1);
            if (!isLast) newLine(",", column + 1);
        }
        m_out.append("}");
    }

    // A long text becomes several beside one another, cut behind its lines and words.
    void writeText(const OriginText& text, std::size_t column, std::size_t nBehind, int level) {
        const bool isAlone = level == 1;  // then in brackets
        if (isAlone) ++column, ++nBehind;
        const std::size_t width = kWidth > column ? kWidth - column : 0;
        std::vector<OriginText> parts;
        const auto lines = splitLines(text.bytes(), true);
        for (std::size_t index = 0; index < lines.size(); ++index) {
            const bool isLastLine = index + 1 == lines.size();
            const std::size_t nKept = isLastLine ? std::min(nBehind, width) : 0;
            const OriginText whole = repr(text.slice(lines[index]));
            if (columns(whole) <= width - nKept) {
                parts.push_back(whole);
            } else {
                addWords(parts, text, lines[index], width, nKept);
            }
        }
        if (isAlone && parts.size() > 1) m_out.append("(");
        for (std::size_t index = 0; index < parts.size(); ++index) {
            if (index > 0) newLine("", column);
            m_out.append(parts[index]);
        }
        if (isAlone && parts.size() > 1) m_out.append(")");
    }

    void addWords(std::vector<OriginText>& parts, const OriginText& text, std::string_view line,
                  std::size_t width, std::size_t nKept) {
        std::string_view current = line.substr(0, 0);
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t begin = at;
            bool isInSpace = false;
            while (at < line.size()) {
                std::size_t next = at;
                const bool isSpaceHere = isSpace(nextCodePoint(line, next));
                if (isInSpace && !isSpaceHere) break;
                isInSpace = isSpaceHere;
                at = next;
            }
            const auto currentBegin = static_cast<std::size_t>(current.data() - line.data());
            const std::string_view candidate = line.substr(currentBegin, at - currentBegin);
            const std::size_t limit = at == line.size() ? width - nKept : width;
            m_runtime.meter().spendBytes(candidate.size());
            if (columns(repr(text.slice(candidate))) <= limit) {
                current = candidate;
                continue;
            }
            if (!current.empty()) parts.push_back(repr(text.slice(current)));
            current = line.substr(begin, at - begin);
        }
        if (!current.empty()) parts.push_back(repr(text.slice(current)));
    }

    OriginText repr(OriginText text) {
        return toRepr(m_runtime, m_runtime.makeString(std::move(text)));
    }
    static std::size_t columns(const OriginText& text) {
        return static_cast<std::size_t>(countCodePoints(text.bytes()));
    }
    void newLine(std::string_view before, std::size_t column) {
        m_out.append(std::string(before) + "\n" + std::string(column, ' '));
    }

    Runtime& m_runtime;
    OriginText m_out;
};

}  // namespace

Value wordWrap(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("wordwrap", arguments,
                               {"width", "break_long_words", "wrapstring", "break_on_hyphens"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (!self.is(Kind::String)) raise("wordwrap needs a text, got '" + typeName(self) + "'");
    const Wrapper::Style style{bound.integerOr(0, 79), bound.flagOr(1, true),
                               bound.flagOr(3, true)};
    const OriginText separator = bound.hasValue(2) ? bound.originText(2) : OriginText("\n");
    const OriginText& whole = self.originText();
    runtime.meter().spendBytes(whole.size() * 16);
    OriginText result;
    bool isFirst = true;
    for (const std::string_view line : splitLines(whole.bytes(), false)) {
        if (style.width <= 0 && !line.empty()) raise("wordwrap: the width must be above 0");
        const auto parts = Wrapper(line, style).run();
        for (std::size_t index = 0; index < std::max<std::size_t>(parts.size(), 1); ++index) {
            if (!isFirst) result.append(separator);
            isFirst = false;
            if (index < parts.size()) result.append(whole, parts[index]);
            checkTextSize(result.size());
        }
    }
    return runtime.makeString(std::move(result));
}

Value prettyPrint(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("pprint", arguments, {}, 0);
    return runtime.makeString(PrettyPrinter(runtime).run(self));
}

Value xmlAttributes(Runtime& runtime, const Value& self, Arguments& arguments) {
    const BoundArguments bound("xmlattr", arguments, {"autospace"}, 0);
    if (self.is(Kind::Undefined)) raiseUndefined(self);
    if (!self.is(Kind::Dict)) raise(describeForError(self) + " has no attribute 'items'");
    OriginText result;
    for (const auto& [key, value] : self.as<DictObject>().entries) {
        if (value.is(Kind::None) || value.is(Kind::Undefined)) continue;
        if (!key.is(Kind::String)) raise("xmlattr needs names that are texts");
        for (std::size_t offset = 0; offset < key.text().size();) {
            const char32_t character = nextCodePoint(key.text(), offset);
            const bool isEnding = character == '/' || character == '>' || character == '=';
            if (isEnding || isSpace(character)) {
                raise("Invalid character in attribute name: " + toRepr(runtime, key).bytes());
            }
        }
        if (!result.empty() || bound.flagOr(0, true)) result.append(" ");
        const OriginText text = toText(runtime, value);
        result.append(key.isMarkup() ? key.originText() : escapeHtml(key.originText()));
        result.append("=\"");
        result.append(value.isMarkup() ? text : escapeHtml(text));
        result.append("\"");
        checkTextSize(result.size());
    }
    return runtime.makeString(std::move(result));
}

}  // namespace sotto::jinja::filters
