#include "storage/case_folding.h"

#include <sqlite3.h>

#include <utility>

namespace sotto::storage {
namespace {

constexpr char32_t kReplacement = 0xfffd;

unsigned char byteOf(char byte) { return static_cast<unsigned char>(byte); }

void append(std::string& text, char32_t character) {
    const auto tail = [&](unsigned shift) {
        text += static_cast<char>(0x80u | (character >> shift & 0x3fu));
    };
    if (character < 0x80) {
        text += static_cast<char>(character);
    } else if (character < 0x800) {
        text += static_cast<char>(0xc0u | character >> 6);
        tail(0);
    } else if (character < 0x10000) {
        text += static_cast<char>(0xe0u | character >> 12);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0u | character >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

// The first character of a token.
int takeToken(void* folded, int, const char* token, int size, int, int) {
    if (size > 0) *static_cast<char32_t*>(folded) = nextCharacter(token, token + size);
    return SQLITE_OK;
}

}  // namespace

// As fts5_tokenize.c and sqlite3's utf.c read: a lead byte takes all continuation bytes behind it,
// one that stands alone is a character of its own.
char32_t nextCharacter(const char*& at, const char* end) {
    const unsigned char lead = byteOf(*at++);
    if (lead < 0xc0) return lead;
    char32_t character = lead < 0xe0   ? lead & 0x1fu
                         : lead < 0xf0 ? lead & 0x0fu
                         : lead < 0xf8 ? lead & 0x07u
                         : lead < 0xfc ? lead & 0x03u
                         : lead < 0xfe ? lead & 0x01u
                                       : 0;
    while (at < end && (byteOf(*at) & 0xc0u) == 0x80) {
        character = (character << 6) + (byteOf(*at++) & 0x3fu);
    }
    const bool isNone =
        character < 0x80 || (character & 0xfffff800) == 0xd800 || (character & ~1u) == 0xfffe;
    return isNone ? kReplacement : character;
}

class CaseFolding::Tokenizer {
public:
    static Result<std::unique_ptr<Tokenizer>> make(Connection& connection) {
        fts5_api* api = nullptr;
        SOTTO_ASSIGN(Statement row, connection.prepare("SELECT fts5(?)"));
        row.bind(1, Pointer{&api, "fts5_api_ptr"});
        SOTTO_TRY(row.run());
        auto tokenizer = std::make_unique<Tokenizer>();
        void* context = nullptr;
        int resultCode = api ? api->xFindTokenizer(api, "trigram", &context, &tokenizer->m_methods)
                             : SQLITE_ERROR;
        if (resultCode == SQLITE_OK)
            resultCode = tokenizer->m_methods.xCreate(context, nullptr, 0, &tokenizer->m_handle);
        if (resultCode != SQLITE_OK) return fail(connection.error(resultCode));
        return tokenizer;
    }

    Tokenizer() = default;
    ~Tokenizer() {
        if (m_handle) m_methods.xDelete(m_handle);
    }
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    // A token is three characters: two more make one of it.
    char32_t fold(char32_t character) const {
        std::string text;
        append(text, character);
        text += "..";
        char32_t folded = character;
        m_methods.xTokenize(m_handle, &folded, FTS5_TOKENIZE_DOCUMENT, text.data(),
                            static_cast<int>(text.size()), &takeToken);
        return folded;
    }

private:
    fts5_tokenizer m_methods{};
    Fts5Tokenizer* m_handle = nullptr;
};

Result<CaseFolding> CaseFolding::of(Connection& connection) {
    SOTTO_ASSIGN(std::unique_ptr<Tokenizer> tokenizer, Tokenizer::make(connection));
    return CaseFolding(std::move(tokenizer));
}

CaseFolding::CaseFolding(std::unique_ptr<Tokenizer> tokenizer) : m_tokenizer(std::move(tokenizer)) {
    for (char32_t character = 0; character < m_ascii.size(); ++character)
        m_ascii[character] = fold(character);
}

CaseFolding::CaseFolding(CaseFolding&& other) noexcept = default;
CaseFolding& CaseFolding::operator=(CaseFolding&& other) noexcept = default;
CaseFolding::~CaseFolding() = default;

std::unique_ptr<CaseFolding::Page> CaseFolding::makePage(char32_t first) const {
    auto page = std::make_unique<Page>();
    for (char32_t index = 0; index < kPageSize; ++index)
        (*page)[index] = m_tokenizer->fold(first + index);
    return page;
}

std::u32string CaseFolding::foldAll(std::string_view text) {
    std::u32string folded;
    for (const char* at = text.data(); at < text.data() + text.size();)
        folded += foldNext(at, text.data() + text.size());
    return folded;
}

}  // namespace sotto::storage
