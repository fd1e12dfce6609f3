// Cuts text into words before byte-level BPE, by the regular expressions of the model's family
// (tokenizer.ggml.pre): merges never cross a word.
//
// Patterns are tables of facts, the expressions that the models were trained with; several form a
// sequence, each cutting what the one before left, matched parts and gaps alike. Run by PCRE2 with
// its JIT. Immutable after create(); any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto {

struct PreTokenizerFamily {
    std::span<const char* const> patterns;
    // A word that is a token as a whole is not merged from its bytes (tiktoken's own behaviour).
    bool isIgnoringMerges = false;
    bool isAddingBos = false;    // where the file does not say
    bool isNormalizing = false;  // to Unicode's form C first, as the family's tokenizer.json does
};

// Null for a name that is not known. An empty name means "default".
const PreTokenizerFamily* findPreTokenizerFamily(std::string_view name);

class PreTokenizer {
public:
    // Errors: Internal when an expression of the table does not compile.
    static Result<PreTokenizer> create(const PreTokenizerFamily& family);

    PreTokenizer(PreTokenizer&&) noexcept;
    PreTokenizer& operator=(PreTokenizer&&) noexcept;
    ~PreTokenizer();

    // `words` gets views into `text` that cover it without gaps. `text` must be valid UTF-8.
    Status split(std::string_view text, std::vector<std::string_view>& words) const;

private:
    struct Pattern;
    PreTokenizer();
    std::vector<std::unique_ptr<Pattern>> m_patterns;
};

}  // namespace sotto
