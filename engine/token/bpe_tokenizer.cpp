#include "engine/token/bpe_tokenizer.h"

#include <fmt/format.h>

#include "engine/gguf/byte_cursor.h"
#include "engine/token/byte_level.h"
#include "engine/token/utf8.h"

namespace sotto {

namespace {

// Names the character that has the byte at `offset` in it. A few vocabularies lack bytes of control
// characters and of unassigned planes.
Status cannotExpress(std::string_view word, std::size_t offset) {
    std::size_t start = offset;
    while (start > 0 && (static_cast<unsigned char>(word[start]) & 0xC0U) == 0x80) --start;
    const auto codePoint = static_cast<std::uint32_t>(readUtf8(word.substr(start)).codePoint);
    return fail(ErrorCode::InvalidArgument,
                fmt::format("This model's vocabulary cannot express the character U+{:04X}; remove "
                            "it from the text.",
                            codePoint),
                "text");
}

}  // namespace

Status BpeTokenizer::checkPreTokenizer(std::string_view name) {
    if (findPreTokenizerFamily(name) != nullptr) return {};
    return fail(ErrorCode::Unsupported,
                fmt::format("The pre-tokenizer \"{}\" is not supported.", printableName(name)),
                "tokenizer.ggml.pre");
}

Result<std::unique_ptr<Tokenizer>> BpeTokenizer::create(const Vocabulary& vocabulary) {
    SOTTO_TRY(checkPreTokenizer(vocabulary.preTokenizer));
    const PreTokenizerFamily* family = findPreTokenizerFamily(vocabulary.preTokenizer);
    if (vocabulary.merges.empty()) {
        return fail(ErrorCode::FileDamaged, "The file has a BPE vocabulary without merges.",
                    "tokenizer.ggml.merges");
    }
    SOTTO_ASSIGN(PreTokenizer preTokenizer, PreTokenizer::create(*family));
    return std::unique_ptr<Tokenizer>(
        new BpeTokenizer(vocabulary, *family, std::move(preTokenizer), readPieces(vocabulary)));
}

BpeTokenizer::BpeTokenizer(const Vocabulary& vocabulary, const PreTokenizerFamily& family,
                           PreTokenizer preTokenizer, Pieces pieces)
    : VocabularyTokenizer(vocabulary, family.isAddingBos),
      m_preTokenizerName(vocabulary.preTokenizer.empty() ? "default" : vocabulary.preTokenizer),
      m_preTokenizer(std::move(preTokenizer)),
      m_pieces(std::move(pieces)),
      m_merger(readMerges(vocabulary, m_pieces)),
      m_isIgnoringMerges(family.isIgnoringMerges) {
    if (family.isNormalizing) m_nfc.emplace();
    // Many files name "<|endoftext|>" as the unknown token: an ending in the middle of a prompt
    // would be worse than an error. Only a token made for it counts.
    const std::int32_t unknown = vocabulary.unknownToken;
    if (unknown >= 0 && typeOf(unknown) == TokenType::Unknown) m_unknownToken = unknown;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char character = static_cast<char>(byte);
        const auto found = m_pieces.byBytes.find(std::string_view(&character, 1));
        m_byteTokens[byte] = found == m_pieces.byBytes.end() ? -1 : found->second;
    }
}

BpeTokenizer::Pieces BpeTokenizer::readPieces(const Vocabulary& vocabulary) {
    Pieces pieces;
    pieces.bytes.reserve(vocabulary.texts.size());
    pieces.byBytes.reserve(vocabulary.texts.size());
    for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        pieces.bytes.push_back(plainText(vocabulary, token));
        // Ordinary text can never become a control token, whatever its letters.
        if (isWrittenInLetters(vocabulary, token) && !pieces.bytes.back().empty())
            pieces.byBytes.emplace(pieces.bytes.back(), token);
    }
    return pieces;
}

// Pairs whose parts or result are no tokens cannot be reached by merging and are left out.
std::vector<BpeMerger::Merge> BpeTokenizer::readMerges(const Vocabulary& vocabulary,
                                                       const Pieces& pieces) {
    const auto tokenOf = [&pieces](const std::string& bytes) {
        const auto found = pieces.byBytes.find(bytes);
        return found == pieces.byBytes.end() ? -1 : found->second;
    };
    std::vector<BpeMerger::Merge> merges;
    merges.reserve(vocabulary.merges.size());
    for (const std::string& text : vocabulary.merges) {
        const std::size_t space = text.find(' ', 1);
        if (space == std::string::npos) continue;
        const std::string left = bytesOfLetters(std::string_view(text).substr(0, space));
        const std::string right = bytesOfLetters(std::string_view(text).substr(space + 1));
        const BpeMerger::Merge merge{tokenOf(left), tokenOf(right), tokenOf(left + right)};
        if (merge.left >= 0 && merge.right >= 0 && merge.result >= 0) merges.push_back(merge);
    }
    return merges;
}

Status BpeTokenizer::encodeText(std::string_view text, std::vector<std::int32_t>& ids) const {
    std::string normalized;
    if (m_nfc && !NfcNormalizer::isPlain(text)) {
        normalized = m_nfc->normalize(text);
        text = normalized;
    }
    std::vector<std::string_view> words;
    SOTTO_TRY(m_preTokenizer.split(text, words));
    BpeMerger::Workspace workspace;
    for (const std::string_view word : words) SOTTO_TRY(encodeWord(word, workspace, ids));
    return {};
}

Status BpeTokenizer::encodeWord(std::string_view word, BpeMerger::Workspace& workspace,
                                std::vector<std::int32_t>& ids) const {
    if (m_isIgnoringMerges) {
        if (const auto found = m_pieces.byBytes.find(word); found != m_pieces.byBytes.end()) {
            ids.push_back(found->second);
            return {};
        }
    }
    const std::size_t start = ids.size();
    for (std::size_t offset = 0; offset < word.size(); ++offset) {
        std::int32_t token = m_byteTokens[static_cast<unsigned char>(word[offset])];
        if (token < 0) token = m_unknownToken;
        if (token < 0) return cannotExpress(word, offset);
        ids.push_back(token);
    }
    const std::size_t nLeft = m_merger.merge(std::span(ids).subspan(start), workspace);
    ids.resize(start + nLeft);
    return {};
}

std::string BpeTokenizer::pieceBytes(std::int32_t token, bool isShowingSpecial) const {
    if (!isInside(token) || (isControl(token) && !isShowingSpecial)) return {};
    return m_pieces.bytes[static_cast<std::size_t>(token)];
}

std::string BpeTokenizer::decode(const std::vector<std::int32_t>& tokens,
                                 bool isShowingSpecial) const {
    std::string text;
    for (const std::int32_t token : tokens) {
        if (!isInside(token) || (isControl(token) && !isShowingSpecial)) continue;
        text += m_pieces.bytes[static_cast<std::size_t>(token)];
    }
    return text;
}

std::string BpeTokenizer::description() const {
    return fmt::format("bpe ({}), {} pieces", m_preTokenizerName, size());
}

}  // namespace sotto
