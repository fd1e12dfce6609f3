#include "app/chat/formula_finder.h"

#include <md4c.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "app/chat/md4c_flags.h"

namespace sotto::app {
namespace {

constexpr qsizetype kMaxFormula = 4096;  // bytes; what is longer stays text

struct CodeRange {
    qsizetype begin = 0;
    qsizetype end = 0;
    bool isCode = false;  // or HTML
};

// Code, HTML and block borders, as md4c sees them in the untouched text.
struct TextMap {
    std::vector<CodeRange> ranges;
    std::vector<qsizetype> borders;  // where a block's text begins
};

class MapBuilder {
public:
    explicit MapBuilder(const QByteArray& utf8) : m_utf8(utf8) {}
    TextMap take() { return std::move(m_map); }

    void beginBlock(bool isCode) {
        m_isBorder = true;
        if (!isCode) return;
        beginCode();
        m_code.begin = m_code.end = m_end;  // its fence is no text
    }
    void beginCode() {
        m_isCode = true;
        m_code = {-1, -1, true};
    }
    void endCode() {
        m_isCode = false;
        if (m_code.begin >= 0) m_map.ranges.push_back(m_code);
    }
    void text(MD_TEXTTYPE type, const char* text, qsizetype size) {
        // Line ends and the like are not md4c's input but texts of its own.
        const std::less<const char*> before;
        if (before(text, m_utf8.constData()) || !before(text, m_utf8.constData() + m_utf8.size()))
            return;
        const qsizetype begin = text - m_utf8.constData();
        m_end = begin + size;
        if (std::exchange(m_isBorder, false)) {
            const bool isEscaped = begin > 0 && m_utf8[begin - 1] == '\\';
            m_map.borders.push_back(isEscaped ? begin - 1 : begin);
        }
        if (m_isCode) {
            if (m_code.begin < 0) m_code.begin = begin;
            m_code.end = begin + size;
        } else if (type == MD_TEXT_HTML) {
            m_map.ranges.push_back({begin, begin + size, false});
        }
    }

private:
    const QByteArray& m_utf8;
    TextMap m_map;
    CodeRange m_code;
    qsizetype m_end = 0;  // of the last text
    bool m_isCode = false;
    bool m_isBorder = false;
};

TextMap mapOf(const QByteArray& utf8) {
    MapBuilder builder(utf8);
    MD_PARSER parser{};
    parser.flags = kMd4cFlags;
    parser.enter_block = [](MD_BLOCKTYPE type, void*, void* self) {
        static_cast<MapBuilder*>(self)->beginBlock(type == MD_BLOCK_CODE);
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
        if (type == MD_BLOCK_CODE) static_cast<MapBuilder*>(self)->endCode();
        return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void*, void* self) {
        if (type == MD_SPAN_CODE) static_cast<MapBuilder*>(self)->beginCode();
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
        if (type == MD_SPAN_CODE) static_cast<MapBuilder*>(self)->endCode();
        return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
        static_cast<MapBuilder*>(self)->text(type, text, static_cast<qsizetype>(size));
        return 0;
    };
    md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, &builder);
    return builder.take();
}

bool isBlank(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

class Finder {
public:
    explicit Finder(const QByteArray& utf8)
        : m_text(utf8.constData(), static_cast<std::size_t>(utf8.size())), m_map(mapOf(utf8)) {}

    std::vector<FoundFormula> run() {
        while (m_at < size()) {
            if (skipRange()) continue;
            switch (at(m_at)) {
                case '\\': takeBackslash(); break;
                case '$': takeDollar(); break;
                case ']': m_at = at(m_at + 1) == '(' ? endOfLinkTarget() : m_at + 1; break;
                case ':': m_at = startsWith(m_at, "://") ? endOfWord() : m_at + 1; break;
                default: ++m_at;
            }
        }
        return std::move(m_found);
    }

private:
    // Which kind of closing delimiter was looked for in vain, and up to where.
    enum Kind { Dollar, Dollars, Round, Square, nKinds };

    qsizetype size() const { return static_cast<qsizetype>(m_text.size()); }
    char at(qsizetype position) const {
        return position < size() ? m_text[static_cast<std::size_t>(position)] : '\0';
    }
    bool startsWith(qsizetype position, std::string_view part) const {
        return m_text.substr(static_cast<std::size_t>(position), part.size()) == part;
    }

    bool skipRange() {
        while (m_range < m_map.ranges.size() && m_map.ranges[m_range].end <= m_at) ++m_range;
        if (m_range == m_map.ranges.size() || m_map.ranges[m_range].begin > m_at) return false;
        m_at = m_map.ranges[m_range].end;
        return true;
    }

    qsizetype endOfLinkTarget() const {
        qsizetype end = m_at + 2;
        while (end < size() && at(end) != ')' && at(end) != '\n') ++end;
        return end;
    }
    qsizetype endOfWord() const {
        qsizetype end = m_at;
        while (end < size() && !isBlank(at(end)) && at(end) != '|' && at(end) != '<') ++end;
        return end;
    }

    void takeBackslash() {
        if (at(m_at + 1) == '(')
            take(Round, 2, "\\)");
        else if (at(m_at + 1) == '[')
            take(Square, 2, "\\]");
        else
            m_at += 2;
    }

    void takeDollar() {
        if (at(m_at + 1) == '$') {
            qsizetype nDollars = 2;
            while (at(m_at + nDollars) == '$') ++nDollars;
            if (nDollars == 2)
                take(Dollars, 2, "$$");
            else
                m_at += nDollars;
            return;
        }
        if (isBlank(at(m_at + 1)))
            ++m_at;
        else
            take(Dollar, 1, "$");
    }

    // Takes the formula whose opening delimiter of `length` bytes is here, or goes on behind it.
    void take(Kind kind, qsizetype length, std::string_view closing) {
        const qsizetype begin = m_at;
        const qsizetype from = begin + length;
        m_at = from;
        if (from < m_vainUntil[kind]) return;
        const qsizetype close = findClosing(kind, from, closing);
        if (close < 0) return;
        const bool isDisplay = kind == Dollars || kind == Square;
        if (crossesCode(begin, close + 1)) return;
        const qsizetype end = close + static_cast<qsizetype>(closing.size());
        // Lines of a displayed formula may look like list items ("- b") or underline a heading.
        const bool hasOwnLines = isDisplay && beginsItsLine(begin) && endsItsLine(end);
        if (crossesBorder(begin, close) && !hasOwnLines) return;
        QByteArray tex = texBetween(begin, from, close);
        if (tex.trimmed().isEmpty()) {
            m_at = end;  // neither of the two opens one
            return;
        }
        m_found.push_back({begin, end, tex.trimmed(), isDisplay});
        m_at = end;
    }

    // -1: there is none before the paragraph ends.
    qsizetype findClosing(Kind kind, qsizetype from, std::string_view closing) {
        const qsizetype limit = std::min(size(), from + kMaxFormula);
        qsizetype position = from;
        for (; position < limit; ++position) {
            if (startsWith(position, closing)) {
                if (kind == Dollars && at(position + 2) == '$') return -1;
                if (kind != Dollar) return position;
                // The next $ decides: it closes, or the one before was none.
                const bool isClosing = !isBlank(at(position - 1)) && at(position + 1) != '$' &&
                                       (at(position + 1) < '0' || at(position + 1) > '9');
                return isClosing ? position : -1;
            }
            if (at(position) == '\\') ++position;
            if (at(position) == '\n' && isBlankLine(position + 1)) break;
        }
        m_vainUntil[kind] = position;
        return -1;
    }

    // Blank but for the marks of quotes.
    bool isBlankLine(qsizetype position) const {
        while (at(position) == ' ' || at(position) == '\t' || at(position) == '>' ||
               at(position) == '\r')
            ++position;
        return position >= size() || at(position) == '\n';
    }

    bool crossesCode(qsizetype begin, qsizetype end) const {
        for (std::size_t range = m_range; range < m_map.ranges.size(); ++range) {
            if (m_map.ranges[range].begin >= end) return false;
            if (m_map.ranges[range].isCode && m_map.ranges[range].end > begin) return true;
        }
        return false;
    }

    bool crossesBorder(qsizetype begin, qsizetype end) const {
        const auto border = std::upper_bound(m_map.borders.begin(), m_map.borders.end(), begin);
        return border != m_map.borders.end() && *border <= end;
    }

    bool beginsItsLine(qsizetype position) const {
        while (position > 0 && at(position - 1) != '\n') {
            const char before = at(--position);
            if (before != ' ' && before != '\t' && before != '>') return false;
        }
        return true;
    }

    bool endsItsLine(qsizetype position) const {
        while (at(position) == ' ' || at(position) == '\t' || at(position) == '\r') ++position;
        return position >= size() || at(position) == '\n';
    }

    // Further lines without indent and without as many quote marks as the first line has.
    QByteArray texBetween(qsizetype begin, qsizetype from, qsizetype close) const {
        int nQuotes = 0;
        for (qsizetype position = begin; position > 0 && at(position - 1) != '\n'; --position)
            if (at(position - 1) == '>') ++nQuotes;
        QByteArray tex;
        for (qsizetype position = from; position < close; ++position) {
            tex += at(position);
            if (at(position) != '\n') continue;
            for (int nLeft = nQuotes; position + 1 < close; ++position) {
                const char next = at(position + 1);
                if (next == '>' && nLeft > 0)
                    --nLeft;
                else if (next != ' ' && next != '\t')
                    break;
            }
        }
        return tex;
    }

    std::string_view m_text;
    TextMap m_map;
    std::vector<FoundFormula> m_found;
    std::array<qsizetype, nKinds> m_vainUntil{};
    std::size_t m_range = 0;  // the first that may lie at or behind m_at
    qsizetype m_at = 0;
};

}  // namespace

std::vector<FoundFormula> findFormulas(const QByteArray& utf8) {
    if (!utf8.contains('$') && !utf8.contains("\\(") && !utf8.contains("\\[")) return {};
    return Finder(utf8).run();
}

}  // namespace sotto::app
