// CaseFolding: characters as the search index sees them, so that ÄRGER and ärger are one word.
//
// FTS5's own trigram tokenizer is asked, in the form that storage/schema declares, and its answers
// are kept: the index and what looks at its candidates cannot differ. One thread at a time; the
// connection must outlive it.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

// The character at `at`, which moves behind it; `at` is before `end`. Bytes that are no UTF-8 are
// read as FTS5 reads them.
char32_t nextCharacter(const char*& at, const char* end);

class CaseFolding {
public:
    // Errors: Internal (a SQLite without FTS5), OutOfMemory.
    static Result<CaseFolding> of(Connection& connection);

    CaseFolding(CaseFolding&& other) noexcept;
    CaseFolding& operator=(CaseFolding&& other) noexcept;
    ~CaseFolding();

    char32_t fold(char32_t character) {
        if (character >= kNoCharacter) return character;
        std::unique_ptr<Page>& page = m_pages[character / kPageSize];
        if (!page) page = makePage(character - character % kPageSize);
        return (*page)[character % kPageSize];
    }

    // As fold of nextCharacter: what reading a text is made of, so ASCII goes without a call.
    char32_t foldNext(const char*& at, const char* end) {
        const auto lead = static_cast<unsigned char>(*at);
        if (lead >= 0x80) return fold(nextCharacter(at, end));
        ++at;
        return m_ascii[lead];
    }

    std::u32string foldAll(std::string_view text);

private:
    static constexpr char32_t kNoCharacter = 0x110000;  // Unicode ends before it
    static constexpr char32_t kPageSize = 256;
    using Page = std::array<char32_t, kPageSize>;
    class Tokenizer;

    explicit CaseFolding(std::unique_ptr<Tokenizer> tokenizer);
    std::unique_ptr<Page> makePage(char32_t first) const;

    std::unique_ptr<Tokenizer> m_tokenizer;
    std::array<char32_t, 0x80> m_ascii{};
    std::array<std::unique_ptr<Page>, kNoCharacter / kPageSize> m_pages;
};

}  // namespace sotto::storage
