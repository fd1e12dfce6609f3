// Byte-level BPE (GPT-2, Llama 3, Qwen, DeepSeek, Falcon …): words cut by regular expressions,
// their bytes merged by rank.
//
// Every text has ids (in a family that normalises, those of its composed form) and every id its
// exact bytes. Immutable after create(); any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/token/bpe_merger.h"
#include "engine/token/nfc.h"
#include "engine/token/pretokenize.h"
#include "engine/token/vocabulary_tokenizer.h"

namespace sotto {

class BpeTokenizer final : public VocabularyTokenizer {
public:
    // Errors: Unsupported (pre-tokenizer, named), FileDamaged (no merges).
    static Result<std::unique_ptr<Tokenizer>> create(const Vocabulary& vocabulary);
    // Unsupported names the pre-tokenizer.
    static Status checkPreTokenizer(std::string_view name);

    std::string pieceBytes(std::int32_t token, bool isShowingSpecial) const override;
    std::string decode(const std::vector<std::int32_t>& tokens,
                       bool isShowingSpecial) const override;
    std::string description() const override;

private:
    struct Pieces {
        std::vector<std::string> bytes;  // [nTokens] what each token shows
        std::unordered_map<std::string_view, std::int32_t> byBytes;  // ordinary tokens only
    };

    BpeTokenizer(const Vocabulary& vocabulary, const PreTokenizerFamily& family,
                 PreTokenizer preTokenizer, Pieces pieces);
    static Pieces readPieces(const Vocabulary& vocabulary);
    static std::vector<BpeMerger::Merge> readMerges(const Vocabulary& vocabulary,
                                                    const Pieces& pieces);

    Status encodeText(std::string_view text, std::vector<std::int32_t>& ids) const override;
    Status encodeWord(std::string_view word, BpeMerger::Workspace& workspace,
                      std::vector<std::int32_t>& ids) const;

    std::string m_preTokenizerName;
    PreTokenizer m_preTokenizer;
    Pieces m_pieces;
    BpeMerger m_merger;
    std::array<std::int32_t, 256> m_byteTokens{};  // -1: the vocabulary lacks the byte
    std::int32_t m_unknownToken = -1;
    std::optional<NfcNormalizer> m_nfc;  // of a family that normalises
    bool m_isIgnoringMerges = false;
};

}  // namespace sotto
