#include "app/core/compare/answer_difference.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace sotto::app {
namespace {

bool isSpace(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

bool isMark(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    const bool isAlnum = (value >= '0' && value <= '9') || (value >= 'A' && value <= 'Z') ||
                         (value >= 'a' && value <= 'z');
    return value < 0x80 && !isAlnum;
}

// Bytes of a character that is a word of its own: U+2E80 .. U+9FFF (radicals to ideographs),
// U+AC00 .. U+D7FF (Hangul), U+F900 .. U+FFEF (compatibility and full-width forms), and all beyond
// U+FFFF; 0: another one.
std::size_t wideCharacterBytes(std::string_view text) {
    const auto byteAt = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byteAt(0);
    const std::size_t nBytes = lead >= 0xF0 ? 4 : lead >= 0xE2 ? 3 : 0;
    if (nBytes == 0 || text.size() < nBytes) return 0;
    for (std::size_t at = 1; at < nBytes; ++at)
        if ((byteAt(at) & 0xC0) != 0x80) return 0;
    if (nBytes == 4) return 4;
    const unsigned code = (lead & 0x0Fu) << 12 | (byteAt(1) & 0x3Fu) << 6 | (byteAt(2) & 0x3Fu);
    const bool isWide = (code >= 0x2E80 && code <= 0x9FFF) || (code >= 0xAC00 && code <= 0xD7FF) ||
                        (code >= 0xF900 && code <= 0xFFEF);
    return isWide ? 3 : 0;
}

std::string_view at(std::string_view text, TextSpan span) {
    return text.substr(span.begin, span.end - span.begin);
}

TextSpan shifted(TextSpan span, std::size_t by) { return {span.begin + by, span.end + by}; }

// Without the space in front, which most tokens of an English text bring along.
TextSpan trimmed(std::string_view text, TextSpan span) {
    const TextSpan whole = span;
    while (span.begin < span.end && isSpace(text[span.begin])) ++span.begin;
    return span.begin == span.end ? whole : span;
}

// The token's own text, or what comes with the next one that brings any: half a character is told
// with its other half.
TextSpan spanOf(const WrittenAnswer& answer, std::size_t index) {
    for (; index < answer.tokens.size(); ++index)
        if (const TextSpan text = answer.tokens[index].text; text.begin < text.end) return text;
    return {answer.text.size(), answer.text.size()};
}

std::string pieceAt(const WrittenAnswer& answer, std::size_t index) {
    if (index >= answer.tokens.size()) return {};
    const WrittenToken& token = answer.tokens[index];
    return token.piece.empty() ? std::string(at(answer.text, token.text)) : token.piece;
}

float probabilityAt(const WrittenAnswer& answer, std::size_t index) {
    return index < answer.tokens.size() ? answer.tokens[index].probability : 0.0f;
}

// The words behind the mark; of an answer that is being written the last one may be half a word.
void addChanged(const WrittenAnswer& reference, std::size_t referenceFrom,
                const WrittenAnswer& answer, AnswerDifference& difference) {
    const std::string_view text = answer.text;
    const std::size_t from = difference.commonBytes;
    for (const TextSpan word :
         changedWords(std::string_view(reference.text).substr(referenceFrom), text.substr(from))) {
        const TextSpan there = shifted(word, from);
        const bool isGrowing = !answer.isOver && there.end == text.size();
        if (there.begin >= difference.mark.end && !isGrowing) difference.changed.push_back(there);
    }
}

// The first token that differs; nothing: none so far. Sets isByText where an id has two pieces.
std::optional<std::size_t> firstDifferingToken(const WrittenAnswer& reference,
                                               const WrittenAnswer& answer, bool& isByText) {
    const std::size_t nShorter = std::min(reference.tokens.size(), answer.tokens.size());
    for (std::size_t index = 0; index < nShorter; ++index) {
        const WrittenToken& expected = reference.tokens[index];
        const WrittenToken& written = answer.tokens[index];
        if (expected.id != written.id) return index;
        if (!expected.piece.empty() && !written.piece.empty() && expected.piece != written.piece) {
            isByText = true;
            return std::nullopt;
        }
    }
    const bool isShort = answer.isEnded && nShorter < reference.tokens.size();
    const bool isLong = reference.isEnded && nShorter < answer.tokens.size();
    return isShort || isLong ? std::optional(nShorter) : std::nullopt;
}

AnswerDifference compareByText(const WrittenAnswer& reference, const WrittenAnswer& answer) {
    AnswerDifference difference;
    difference.isByText = true;
    difference.commonBytes = answer.text.size();
    const std::vector<TextSpan> expected = wordsOf(reference.text), written = wordsOf(answer.text);
    const std::size_t nWritten = written.size() - (answer.isOver || written.empty() ? 0 : 1);
    std::size_t index = 0;
    while (index < expected.size() && index < nWritten &&
           at(reference.text, expected[index]) == at(answer.text, written[index]))
        ++index;
    const bool isShort = index == nWritten && answer.isEnded && index < expected.size();
    const bool isLong = index == expected.size() && reference.isEnded && index < nWritten;
    const bool isOther = index < expected.size() && index < nWritten;
    if (!isShort && !isLong && !isOther) return difference;
    difference.isThere = true;
    difference.index = index;
    if (index < expected.size()) difference.referenceText = at(reference.text, expected[index]);
    if (index < written.size()) {
        difference.text = at(answer.text, written[index]);
        difference.mark = written[index];
        difference.commonBytes = written[index].begin;
    }
    if (isOther) addChanged(reference, expected[index].begin, answer, difference);
    return difference;
}

}  // namespace

TextSpan shownSpan(const WrittenAnswer& answer, std::size_t index) {
    return trimmed(answer.text, spanOf(answer, index));
}

WrittenToken writtenToken(const TokenSampled& sampled) {
    WrittenToken token;
    token.id = sampled.token;
    token.probability = sampled.probability;
    for (const TokenAlternative& alternative : sampled.alternatives)
        if (alternative.token == sampled.token) token.piece = alternative.text;
    return token;
}

AnswerDifference compareAnswers(const WrittenAnswer& reference, const WrittenAnswer& answer,
                                bool isSameVocabulary) {
    bool isByText = !isSameVocabulary;
    std::optional<std::size_t> first;
    if (!isByText) first = firstDifferingToken(reference, answer, isByText);
    if (isByText) return compareByText(reference, answer);
    AnswerDifference difference;
    difference.commonBytes = answer.text.size();
    if (!first) return difference;
    difference.isThere = true;
    difference.index = *first;
    difference.text = pieceAt(answer, *first);
    difference.referenceText = pieceAt(reference, *first);
    difference.probability = probabilityAt(answer, *first);
    difference.referenceProbability = probabilityAt(reference, *first);
    const TextSpan there = spanOf(answer, *first);
    difference.commonBytes = there.begin;
    difference.mark = trimmed(answer.text, there);
    if (*first < answer.tokens.size() && *first < reference.tokens.size())
        addChanged(reference, spanOf(reference, *first).begin, answer, difference);
    return difference;
}

std::vector<TextSpan> wordsOf(std::string_view text) {
    std::vector<TextSpan> words;
    std::size_t byte = 0;
    bool isInWord = false;
    while (byte < text.size()) {
        const std::size_t nWide = wideCharacterBytes(text.substr(byte));
        const std::size_t nBytes = nWide > 0 ? nWide : 1;
        if (isSpace(text[byte])) {
            isInWord = false;
        } else if (nWide > 0 || isMark(text[byte])) {
            words.push_back({byte, byte + nBytes});
            isInWord = false;
        } else if (isInWord) {
            words.back().end = byte + 1;
        } else {
            words.push_back({byte, byte + 1});
            isInWord = true;
        }
        byte += nBytes;
    }
    return words;
}

// No library for it: what Debian has (dtl) would be one more package for these thirty lines.
std::vector<TextSpan> changedWords(std::string_view reference, std::string_view text) {
    std::vector<TextSpan> expected = wordsOf(reference), written = wordsOf(text);
    expected.resize(std::min(expected.size(), kMaxDiffWords));
    written.resize(std::min(written.size(), kMaxDiffWords));
    const std::size_t nExpected = expected.size(), nWritten = written.size();
    // common[w][e]: the length of the longest common subsequence of the words from w and e on.
    const std::size_t stride = nExpected + 1;
    std::vector<std::uint16_t> common((nWritten + 1) * stride, 0);
    const auto isSame = [&](std::size_t w, std::size_t e) {
        return at(text, written[w]) == at(reference, expected[e]);
    };
    for (std::size_t w = nWritten; w-- > 0;)
        for (std::size_t e = nExpected; e-- > 0;)
            common[w * stride + e] =
                isSame(w, e) ? static_cast<std::uint16_t>(common[(w + 1) * stride + e + 1] + 1)
                             : std::max(common[(w + 1) * stride + e], common[w * stride + e + 1]);
    std::vector<TextSpan> changed;
    std::size_t e = 0;
    for (std::size_t w = 0; w < nWritten; ++w) {
        // The word is kept where the best that is left needs no other one in its place.
        std::size_t match = e;
        while (match < nExpected && !isSame(w, match)) ++match;
        const bool isKept =
            match < nExpected && common[(w + 1) * stride + match + 1] + 1 == common[w * stride + e];
        if (isKept)
            e = match + 1;
        else
            changed.push_back(written[w]);
    }
    return changed;
}

}  // namespace sotto::app
