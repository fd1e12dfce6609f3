// Sentencepiece models (Llama 2, Mistral, Gemma, Phi-3, T5 …) through libsentencepiece.
//
// The library does the merging of ordinary text; splitting at special tokens and turning ids back
// into exact bytes is ours, because the library never parses control tokens and its own decoding
// loses spaces. Immutable after create(); any thread (the library's const Encode is thread-safe).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/token/vocabulary_tokenizer.h"

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace sotto {

class SpmTokenizer final : public VocabularyTokenizer {
public:
    // Errors: FileDamaged with the library's reason when it refuses the vocabulary.
    static Result<std::unique_ptr<Tokenizer>> create(const Vocabulary& vocabulary);
    ~SpmTokenizer() override;

    std::string pieceBytes(std::int32_t token, bool isShowingSpecial) const override;
    std::string decode(const std::vector<std::int32_t>& tokens,
                       bool isShowingSpecial) const override;
    std::string description() const override;

private:
    explicit SpmTokenizer(const Vocabulary& vocabulary);
    Status encodeText(std::string_view text, std::vector<std::int32_t>& ids) const override;
    Status encodePart(std::string_view text, std::vector<std::int32_t>& ids) const;

    std::unique_ptr<sentencepiece::SentencePieceProcessor> m_processor;
    std::vector<std::string> m_bytes;  // [nTokens] what each token shows, spaces restored
    bool m_isAddingSpacePrefix = true;
    bool m_isUnigram = false;
    bool m_isEncodingInParts = false;  // long texts are cut between words, with the same result
};

}  // namespace sotto
