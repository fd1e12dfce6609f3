// What every tokenizer over a Vocabulary shares: special tokens, ends of generation, the frame of
// encode (check, BOS, splitting at special tokens).
//
// The kinds (spm_tokenizer, bpe_tokenizer) add how ordinary text becomes ids and what bytes an id
// stands for. Immutable after construction; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/tokenizer.h"
#include "engine/token/special_splitter.h"
#include "engine/token/vocabulary.h"

namespace sotto {

class VocabularyTokenizer : public Tokenizer {
public:
    Result<std::vector<std::int32_t>> encode(std::string_view text,
                                             const EncodeOptions& options) const final;

    std::int32_t size() const final { return static_cast<std::int32_t>(m_types.size()); }
    std::uint64_t fingerprint() const final { return m_fingerprint; }
    std::int32_t bosToken() const final { return m_bosToken; }
    std::int32_t eosToken() const final { return m_eosToken; }
    bool isEndOfGeneration(std::int32_t token) const final;
    bool isTurnStart(std::int32_t token) const final;
    bool isAddingBosByDefault() const final { return m_isAddingBos; }
    bool isControl(std::int32_t token) const final;

protected:
    // `isAddingBosDefault` holds where the file does not say.
    VocabularyTokenizer(const Vocabulary& vocabulary, bool isAddingBosDefault);

    // Appends the ids of `text`, which is not empty, valid UTF-8 and free of special tokens.
    virtual Status encodeText(std::string_view text, std::vector<std::int32_t>& ids) const = 0;

    bool isInside(std::int32_t token) const { return token >= 0 && token < size(); }
    TokenType typeOf(std::int32_t token) const { return m_types[static_cast<std::size_t>(token)]; }

    // Whether encode cuts the text at this token instead of leaving it to encodeText.
    bool isSplitting(std::int32_t token) const {
        return m_isSplitting[static_cast<std::size_t>(token)];
    }

private:
    void findEndsOfGeneration(const Vocabulary& vocabulary);
    void findTurnStarts(const Vocabulary& vocabulary);

    std::vector<TokenType> m_types;
    std::uint64_t m_fingerprint = 0;
    std::vector<bool> m_isSplitting;
    SpecialSplitter m_splitter;
    std::vector<std::int32_t> m_endsOfGeneration;  // sorted
    std::vector<std::int32_t> m_turnStarts;        // sorted
    std::int32_t m_bosToken = -1;
    std::int32_t m_eosToken = -1;
    bool m_isAddingBos = false;
};

}  // namespace sotto
