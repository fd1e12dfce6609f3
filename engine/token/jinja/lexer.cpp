#include "engine/token/jinja/lexer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/unicode.h"
#include "engine/token/jinja/value.h"

namespace sotto::jinja {

namespace {

bool isDigit(char byte) { return byte >= '0' && byte <= '9'; }
bool isNameStart(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           static_cast<unsigned char>(byte) >= 0x80;
}

// \r\n and \r become \n, and one newline at the very end goes.
std::string normalizeNewlines(std::string_view source) {
    std::string result;
    result.reserve(source.size());
    for (std::size_t index = 0; index < source.size(); ++index) {
        if (source[index] != '\r') {
            result.push_back(source[index]);
            continue;
        }
        result.push_back('\n');
        if (index + 1 < source.size() && source[index + 1] == '\n') ++index;
    }
    if (!result.empty() && result.back() == '\n') result.pop_back();
    return result;
}

int hexValue(char digit) {
    if (isDigit(digit)) return digit - '0';
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A float that from_chars finds out of range is 0 or infinite, as Python reads it.
double tooLarge(const std::string& digits) {
    return digits.find("e-") == std::string::npos ? HUGE_VAL : 0.0;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_source(normalizeNewlines(source)) {}

    std::vector<Token> run() {
        while (m_offset < m_source.size()) lexText();
        emit(TokenType::End, {});
        return std::move(m_tokens);
    }

private:
    [[noreturn]] void fault(std::string message) {
        moveTo(m_offset);
        throw TemplateFault{std::move(message), m_line, m_column, false};
    }

    // Lines are counted as the lexer goes, each byte once.
    void moveTo(std::size_t offset) {
        for (; m_counted < offset; ++m_counted) {
            if (m_source[m_counted] == '\n') {
                ++m_line;
                m_column = 1;
            } else {
                ++m_column;
            }
        }
    }

    Token& emit(TokenType type, std::string text) {
        moveTo(m_offset);
        m_tokens.push_back(Token{type, std::move(text), {}, 0, m_line, m_column});
        return m_tokens.back();
    }

    bool isAt(std::string_view text) const {
        return std::string_view(m_source).substr(m_offset, text.size()) == text;
    }

    void skipSpaces() {
        std::size_t next = m_offset;
        while (next < m_source.size() && isSpace(nextCodePoint(m_source, next))) m_offset = next;
    }

    // Behind an end tag: `-` takes all white space with it, a block's end one newline.
    void skipAfterTag(char sign, bool isTrimmingNewline) {
        if (sign == '-') {
            skipSpaces();
        } else if (sign != '+' && isTrimmingNewline && isAt("\n")) {
            ++m_offset;
        }
        m_isLineStart = m_offset > 0 && m_source[m_offset - 1] == '\n';
    }

    // Text up to the next tag, stripped as the tag's sign says, then the tag.
    void lexText() {
        std::size_t tag = m_source.find('{', m_offset);
        while (tag != std::string::npos &&
               (tag + 1 >= m_source.size() ||
                std::string_view("{%#").find(m_source[tag + 1]) == std::string_view::npos)) {
            tag = m_source.find('{', tag + 1);
        }
        if (tag == std::string::npos) {
            emitText(m_source.substr(m_offset));
            m_offset = m_source.size();
            return;
        }
        const char kind = m_source[tag + 1];
        const char sign = tag + 2 < m_source.size() ? m_source[tag + 2] : '\0';
        const bool hasSign = sign == '-' || sign == '+';
        emitText(
            strip(m_source.substr(m_offset, tag - m_offset), hasSign ? sign : '\0', kind == '{'));
        m_offset = tag;
        const std::size_t behind = tag + (hasSign ? 3 : 2);
        if (kind == '#') return lexComment(behind);
        if (kind == '%' && lexRaw(behind)) return;
        emit(kind == '{' ? TokenType::OutputBegin : TokenType::BlockBegin, {});
        m_offset = behind;
        lexTag(kind == '{' ? '}' : '%');
    }

    void emitText(std::string text) {
        if (!text.empty()) emit(TokenType::Text, std::move(text));
    }

    std::string strip(std::string text, char sign, bool isOutput) const {
        std::size_t end = text.size();
        while (end > 0) {
            std::size_t start = previousOffset(text, end);
            const std::size_t candidate = start;
            if (!isSpace(nextCodePoint(text, start))) break;
            if (sign != '-' && text[candidate] == '\n') break;
            end = candidate;
        }
        if (sign == '-') return text.substr(0, end);
        // lstrip_blocks: only if nothing but white space stands between the line's start and a tag.
        const bool isWholeLine = end > 0 ? text[end - 1] == '\n' : m_isLineStart;
        if (sign == '\0' && !isOutput && isWholeLine) text.resize(end);
        return text;
    }

    void lexComment(std::size_t from) {
        const std::size_t end = m_source.find("#}", from);
        if (end == std::string::npos) fault("a comment is not closed");
        m_offset = end + 2;
        const char sign = end > from ? m_source[end - 1] : '\0';
        skipAfterTag(sign, true);
    }

    // {% raw %} … {% endraw %}: false when this tag is another one.
    bool lexRaw(std::size_t behind) {
        const std::size_t start = m_offset;
        m_offset = behind;
        skipSpaces();
        if (!skipWord("raw")) {
            m_offset = start;
            return false;
        }
        const char sign = isAt("-%}") ? '-' : '\0';
        if (!isAt("-%}") && !isAt("%}")) fault("expected the end of the raw tag");
        m_offset += sign == '-' ? 3 : 2;
        skipAfterTag(sign, false);
        const std::size_t bodyStart = m_offset;
        for (std::size_t tag = m_source.find("{%", bodyStart); tag != std::string::npos;
             tag = m_source.find("{%", tag + 1)) {
            m_offset = tag + 2;
            char openSign = isAt("-") ? '-' : isAt("+") ? '+' : '\0';
            if (openSign != '\0') ++m_offset;
            skipSpaces();
            if (!skipWord("endraw")) continue;
            const char closeSign = isAt("-%}") ? '-' : isAt("+%}") ? '+' : '\0';
            if (closeSign != '\0') ++m_offset;
            if (!isAt("%}")) continue;
            const std::size_t end = m_offset + 2;
            m_offset = bodyStart;
            emitText(strip(m_source.substr(bodyStart, tag - bodyStart), openSign, false));
            m_offset = end;
            skipAfterTag(closeSign, true);
            return true;
        }
        m_offset = start;
        fault("a raw block is not closed");
    }

    bool skipWord(std::string_view word) {
        if (!isAt(word)) return false;
        m_offset += word.size();
        skipSpaces();
        return true;
    }

    // Inside {{ }} or {% %}. An end tag counts only outside of all brackets, so that
    // `{{ {'a': {}}}}` closes where one expects.
    void lexTag(char closer) {
        std::string open;
        while (true) {
            skipSpaces();
            if (m_offset >= m_source.size()) fault("a tag is not closed");
            if (open.empty() && lexTagEnd(closer)) return;
            const char byte = m_source[m_offset];
            if (isDigit(byte)) {
                lexNumber();
            } else if (isNameStart(byte)) {
                lexName();
            } else if (byte == '"' || byte == '\'') {
                lexString(byte);
            } else {
                lexOperator(open);
            }
        }
    }

    bool lexTagEnd(char closer) {
        const bool isBlock = closer == '%';
        const char first = m_source[m_offset];
        const char sign = first == '-' || (first == '+' && isBlock) ? first : '\0';
        const std::size_t at = m_offset + (sign == '\0' ? 0 : 1);
        if (at + 1 >= m_source.size() || m_source[at] != closer || m_source[at + 1] != '}') {
            return false;
        }
        emit(isBlock ? TokenType::BlockEnd : TokenType::OutputEnd, {});
        m_offset = at + 2;
        skipAfterTag(sign, isBlock);
        return true;
    }

    void lexName() {
        const std::size_t start = m_offset;
        std::size_t end = start;
        while (end < m_source.size() && (isNameStart(m_source[end]) || isDigit(m_source[end]))) {
            ++end;
        }
        emit(TokenType::Name, m_source.substr(start, end - start));
        m_offset = end;
    }

    void lexNumber() {
        const std::size_t start = m_offset;
        std::string digits;
        std::size_t end = start;
        const auto takeDigits = [&](auto isTaken) {
            while (end < m_source.size() && (isTaken(m_source[end]) || m_source[end] == '_')) {
                if (m_source[end] != '_') digits.push_back(m_source[end]);
                ++end;
            }
        };
        int base = 10;
        if (m_source[start] == '0' && start + 1 < m_source.size()) {
            const char marker = static_cast<char>(m_source[start + 1] | 0x20);
            base = marker == 'x' ? 16 : marker == 'o' ? 8 : marker == 'b' ? 2 : 10;
        }
        if (base != 10) {
            end += 2;
            takeDigits([base](char byte) { return hexValue(byte) >= 0 && hexValue(byte) < base; });
        } else {
            takeDigits(isDigit);
        }
        const auto digitAt = [&](std::size_t at) {
            return at < m_source.size() && isDigit(m_source[at]);
        };
        bool isFloat = false;
        // `a.0.1` is two subscripts, not a float behind a dot.
        const bool isBehindDot = start > 0 && m_source[start - 1] == '.';
        if (base == 10 && !isBehindDot && end < m_source.size() && m_source[end] == '.' &&
            digitAt(end + 1)) {
            isFloat = true;
            digits.push_back('.');
            ++end;
            takeDigits(isDigit);
        }
        if (base == 10 && end < m_source.size() && (m_source[end] | 0x20) == 'e') {
            const bool hasSign =
                end + 1 < m_source.size() && (m_source[end + 1] == '-' || m_source[end + 1] == '+');
            if (digitAt(end + (hasSign ? 2 : 1))) {
                isFloat = true;
                digits += 'e';
                if (m_source[end + 1] == '-') digits += '-';
                end += hasSign ? 2 : 1;
                takeDigits(isDigit);
            }
        }
        Token& token = emit(isFloat ? TokenType::Float : TokenType::Integer, digits);
        const char* first = digits.data();
        const char* last = first + digits.size();
        if (isFloat) {
            const auto error = std::from_chars(first, last, token.real).ec;
            if (error == std::errc::result_out_of_range) token.real = tooLarge(digits);
            if (error == std::errc::invalid_argument) fault("this is no number");
        } else {
            // No base needs more digits than the binary one.
            const bool isShort = digits.size() <= kMaxIntegerBits;
            const auto number = isShort ? BigInteger::parse(digits, base) : std::nullopt;
            if (!number || number->nBits() > kMaxIntegerBits) fault("the number is too large");
            token.integer = *number;
        }
        m_offset = end;
    }

    void lexString(char quote) {
        std::string text;
        std::size_t end = m_offset + 1;
        while (end < m_source.size() && m_source[end] != quote) {
            if (m_source[end] == '\\') {
                end = unescape(end + 1, text);
            } else {
                text.push_back(m_source[end++]);
            }
        }
        if (end >= m_source.size()) fault("a string is not closed");
        emit(TokenType::String, std::move(text));
        m_offset = end + 1;
    }

    // `at` is behind the backslash; returns the offset behind the escape. As Python's literals;
    // unknown escapes stay as they are.
    std::size_t unescape(std::size_t at, std::string& text) {
        if (at >= m_source.size()) fault("a string is not closed");
        const char letter = m_source[at];
        static constexpr std::string_view kLetters = "\\'\"abfnrtv\n";
        static constexpr std::array<std::string_view, 11> kMeanings{
            "\\", "'", "\"", "\a", "\b", "\f", "\n", "\r", "\t", "\v", ""};
        if (const auto found = kLetters.find(letter); found != std::string_view::npos) {
            text += kMeanings[found];
            return at + 1;
        }
        const bool isOctal = letter >= '0' && letter <= '7';
        const std::size_t nDigits = isOctal         ? 3
                                    : letter == 'x' ? 2
                                    : letter == 'u' ? 4
                                    : letter == 'U' ? 8
                                                    : 0;
        if (nDigits == 0) {
            text.push_back('\\');
            return at;
        }
        const std::size_t start = isOctal ? at : at + 1;
        std::size_t end = start;
        char32_t character = 0;
        while (end < m_source.size() && end < start + nDigits) {
            const int digit = hexValue(m_source[end]);
            if (digit < 0 || (isOctal && digit > 7)) break;
            character = character * (isOctal ? 8 : 16) + static_cast<char32_t>(digit);
            ++end;
        }
        const bool isComplete = isOctal || end == start + nDigits;
        if (!isComplete || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff)) {
            fault("a string has an invalid escape");
        }
        appendCodePoint(text, character);
        return end;
    }

    void lexOperator(std::string& open) {
        static constexpr std::array<std::string_view, 24> kOperators{
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~",
            "[",  "]",  "(",  ")",  "{",  "}",  ">", "<", "=", ".", ":", "|"};
        std::string_view symbol;
        for (const std::string_view candidate : kOperators) {
            if (symbol.empty() && isAt(candidate)) symbol = candidate;
        }
        if (symbol.empty() && isAt(",")) symbol = ",";
        if (symbol.empty()) {
            fault("unexpected character '" + m_source.substr(m_offset, 1) + "'");
        }
        static constexpr std::string_view kOpeners = "([{";
        static constexpr std::string_view kClosers = ")]}";
        if (kOpeners.find(symbol) != std::string_view::npos) {
            open.push_back(kClosers[kOpeners.find(symbol)]);
        } else if (kClosers.find(symbol) != std::string_view::npos) {
            if (open.empty()) fault("unexpected '" + std::string(symbol) + "'");
            if (open.back() != symbol[0]) {
                fault("unexpected '" + std::string(symbol) + "', expected '" + open.back() + "'");
            }
            open.pop_back();
        }
        emit(TokenType::Operator, std::string(symbol));
        m_offset += symbol.size();
    }

    std::string m_source;
    std::size_t m_offset = 0;
    std::size_t m_counted = 0;
    int m_line = 1;
    int m_column = 1;
    bool m_isLineStart = true;
    std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

}  // namespace sotto::jinja
